import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ReceiptView } from '../../contract/views';
import { ringText } from '../callLine';
import { summarise, tones } from '../receipts';
import { words } from '../words';
import { useGround, useNow } from './context';
import { useRowTab } from './rowFocus';

export interface ReceiptsProps {
  readonly receipts: readonly ReceiptView[];
  readonly you: string;
  readonly closed: boolean;
}

/** How far a message got: a line, and behind it the whole truth. */
export function Receipts({ receipts, you, closed }: ReceiptsProps): JSX.Element | null {
  const { panel, times } = useGround();
  const [open, setOpen] = useState(false);
  const table = useId();
  const tabIndex = useRowTab();
  const context = { you, closed, times };
  const { runs } = summarise(receipts, { ...context, now: panel.now() });
  const now = useNow(runs);
  const { parts } = summarise(receipts, { ...context, now });
  if (parts.length === 0) return null;
  return (
    <div class="receipts">
      <button
        type="button"
        class="receipts-line"
        tabIndex={tabIndex}
        aria-expanded={open}
        aria-controls={table}
        title={open ? words.receiptsClose : words.receiptsOpen}
        onClick={() => setOpen(!open)}
      >
        {parts.map(({ tone, word, rest }, index) => (
          <span key={word}>
            {index > 0 && ' · '}
            <span class={`tone-${tone}`}>{word}</span>
            {rest}
          </span>
        ))}
      </button>
      <div id={table} hidden={!open}>
        {open && <ReceiptTable receipts={receipts} you={you} now={now} />}
      </div>
    </div>
  );
}

interface ReceiptTableProps {
  readonly receipts: readonly ReceiptView[];
  readonly you: string;
  readonly now: number;
}

function ReceiptTable({ receipts, you, now }: ReceiptTableProps): JSX.Element {
  const { times } = useGround();
  return (
    <table class="receipt-table" aria-label={words.receiptsTable}>
      <thead>
        <tr>
          <th scope="col">{words.recipient}</th>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.through}</th>
          <th scope="col">{words.time}</th>
        </tr>
      </thead>
      <tbody>
        {receipts.map(({ agent, name, state, at, ringer, result, detail, code }) => (
          <tr key={agent}>
            <th scope="row">{agent === you ? words.you : name}</th>
            <td class={`tone-${tones[state]}`}>{words.receipt[state]}</td>
            <td class="through">{ringText({ ringer, result, detail: detail ?? code }) || '–'}</td>
            <td title={times.full(at)}>{times.moment(at, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
