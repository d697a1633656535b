import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { copilotExtension } from '../../../src/connect/copilotExtension';
import { openCodePlugin } from '../../../src/connect/openCodePlugin';
import { ringReason, ringResult, ringTexts } from '../../../src/contract/ringReasons';
import { Tongue, type Bundle } from '../../../src/contract/wording';
import { ringText } from '../../../src/ui/callLine';

const root = path.join(import.meta.dirname, '../../..');
const german = new Tongue();
german.speak('de', JSON.parse(readFileSync(path.join(root, 'l10n/bundle.l10n.de.json'), 'utf8')) as Bundle);
const english = new Tongue();

test.each([
  [
    'wake limit',
    'it was woken as often as it may be in an hour',
    'er wurde so oft geweckt, wie er in einer Stunde darf',
  ],
  ['permission prompt', 'it waits for a permission', 'er wartet auf eine Erlaubnis'],
  ['its session runs', 'its session runs', 'seine Sitzung läuft'],
  ['it did not answer in 5 s', 'it did not answer in 5 s', 'er hat binnen 5 s nicht geantwortet'],
  [
    'its line stands in the terminal, not sent: somebody was at its terminal a moment ago',
    'its line stands in the terminal, not sent: somebody was at its terminal a moment ago',
    'seine Zeile steht im Terminal und ist nicht abgeschickt: eben war noch jemand an seinem Terminal',
  ],
])('the reason "%s" is said in the language of the reader', (told, inEnglish, inGerman) => {
  expect(ringReason(told, english)).toBe(inEnglish);
  expect(ringReason(told, german)).toBe(inGerman);
});

test('a reason and a result that are not known are told as they are', () => {
  for (const told of ['E_NEW_CODE', 'toString', '', '{0}', 'dropped: ']) {
    expect(ringReason(told, german)).toBe(told);
    expect(ringResult(told, german)).toBe(told);
  }
});

test('what was not tried says so and why, without a result', () => {
  const report = { ringer: 'none', result: 'refused', detail: 'the sender may not wake' };
  expect(ringText(report)).toBe('not rung · who sent it may not wake it');
  expect(ringText({ ringer: 'codex-queue', result: 'written' })).toBe('the queue of Codex · handed over');
  expect(ringText({ ringer: 'a-new-one', result: 'new', detail: 'why' })).toBe('a-new-one · new · why');
  expect(ringText({})).toBe('');
});

test('what a client waits for, as our programs inside of it tell that, has its words here', () => {
  const told = [
    ...copilotExtension().matchAll(/^ {2}(?:permission|user_input|elicitation|exit_plan_mode): '([^']+)'/gm),
    ...openCodePlugin('parley').matchAll(/waits\.set\(session, '([^']+)'\)/g),
  ].map(([, said]) => said ?? '');
  expect(told).toEqual(
    expect.arrayContaining(['permission prompt', 'input needed', 'plan approval', 'question to its user']),
  );
  for (const said of told) expect(ringReason(said, english), said).not.toBe(said);
});

test('every reason that stands as a whole in a ringer has its words here', () => {
  const folders = ['src/ringers', 'src/extension/ring', 'src/extension/standBy'];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((file) => path.join(root, folder, file)),
  );
  const reasons = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:DoorClosed\(|\b(?:detail|reason): )'([^']+)'/g)].map(
      ([, said]) => said ?? '',
    ),
  );
  expect(reasons.length).toBeGreaterThan(20);
  const isSaid = (reason: string): boolean => ringTexts.includes(ringReason(reason, english));
  expect(reasons.filter((reason) => !isSaid(reason))).toEqual([]);
});
