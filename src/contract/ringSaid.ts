import { noRinger } from '../core/model';
import { ringReason, ringResult } from './ringReasons';
import { ringers } from './ringers';
import type { ReceiptView } from './views';
import { inEnglish, type Speech } from './wording';

/** A ringer as its readers know it; one that this version does not know goes by its own name, which is not plain. */
export function ringerLabel(name: string, tongue: Speech): string {
  const label = Object.hasOwn(ringers, name) ? ringers[name]?.label : undefined;
  return label === undefined ? name : tongue.say(label);
}

/** What a receipt, or the reach of an agent, tells of a ring. */
export type Ring = Partial<Pick<ReceiptView, 'ringer' | 'result' | 'detail'>>;

/**
 * A ring in English, for the terminal and for models: `through Claude Code: held back, it waits for a permission`. Empty when
 * nothing rang: a receipt's `ringer` may also say how something was shown (`mcp`, `cli`). Not plain.
 */
export function ringSaid({ ringer, result, detail = '' }: Ring): string {
  const why = detail === '' ? '' : ringReason(detail, inEnglish);
  if (ringer === undefined || (result === undefined && !Object.hasOwn(ringers, ringer))) return '';
  if (ringer === noRinger) return why === '' ? 'not rung' : `not rung: ${why}`;
  const how = result === undefined || result === 'written' ? '' : ringResult(result, inEnglish);
  const became = [how, why].filter((part) => part !== '').join(', ');
  const through = `through ${ringerLabel(ringer, inEnglish)}`;
  return became === '' ? through : `${through}: ${became}`;
}
