import { errorTemplate, factText, toParleyError } from '../contract/errors';
import { tongue } from './words';

/**
 * What went wrong, in the display language; in English where that has no line for it. Not plain: facts may be an agent's
 * words, so pass it on through plain.ts.
 */
export function failureText(error: unknown): string {
  const { code, facts, message } = toParleyError(error);
  const english = errorTemplate(code, facts);
  const said = tongue.say(english);
  if (said === english) return message;
  return said.replace(/\{(\w+)\}(\.?)/g, (_, name: string, dot: string) => {
    const told = factText(facts, name);
    // A problem or reason may be a phrase of ours; every other fact is a name, a number or what somebody else wrote.
    const fact = name === 'problem' || name === 'reason' ? tongue.say(told) : told;
    return dot === '' ? fact : fact.replace(/[.!?]?$/, dot);
  });
}
