import { setFlagsFromString } from 'node:v8';

/** Calls of a function after which it is compiled with all effort. */
const calls = 100;
/** The first major version of V8 that has the flag; an older one would print that it does not. */
const firstWithFlag = 12;

/**
 * Has V8 compile a function with all effort after {@link calls} calls instead of 3000, in a program that runs for long and
 * does little at a time. A broker that passes on one message now and then handles a few thousand in its life: by V8's own
 * measure it would answer most of them from slow code (with the flag, one message at a time costs it two thirds to three
 * quarters of the processor time).
 */
export function compileSoon(): void {
  if (Number.parseInt(process.versions.v8, 10) >= firstWithFlag) {
    setFlagsFromString(`--invocation-count-for-turbofan=${calls}`);
  }
}
