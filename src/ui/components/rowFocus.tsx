import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** `0` within the message that the keyboard is at, `-1` in all others: Tab goes through one message, not through all. */
export const RowTabContext = createContext<0 | -1>(0);

/** The `tabIndex` of whatever can have the keyboard in a message. */
export function useRowTab(): 0 | -1 {
  return useContext(RowTabContext);
}
