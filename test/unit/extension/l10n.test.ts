import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { clientNames } from '../../../src/connect/clientNames';
import { clientOf } from '../../../src/connect/clients';
import { configProblems } from '../../../src/connect/configFile';
import { taskReasons } from '../../../src/contract/callReasons';
import { ringers } from '../../../src/contract/ringers';
import { ringTexts } from '../../../src/contract/ringReasons';
import { Tongue, textsOf, worded, plural, type Bundle } from '../../../src/contract/wording';
import { errorTemplate, errorTexts, ParleyError, type ErrorCode } from '../../../src/contract/errors';
import { failureText } from '../../../src/extension/errorWords';
import { manifest } from '../../../src/extension/contributions';
import { obstacles } from '../../../src/extension/standBy/lineObstacle';
import { texts as extensionTexts, tongue as extensionTongue } from '../../../src/extension/words';
import { texts as healthTexts } from '../../../src/health/words';
import { bundleOf, texts as pageTexts } from '../../../src/ui/words';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string): Bundle => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Bundle;
const places = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
/** Links, commands and places in code stay as they are in every language. */
const kept = (text: string): string[] => [...(text.match(/\(command:[^)]*\)|`[^`]*`/g) ?? [])].sort();

/** Every error as its translation finds it: with all that it may say, and without what it says of some occasions only. */
const errors = (Object.keys(errorTexts) as ErrorCode[]).flatMap((code) => {
  const names = new Set<string>();
  const without = (gone: readonly string[]): string => {
    const facts = new Proxy<Record<string, string>>(
      {},
      { get: (_, name: string) => (names.add(name), gone.includes(name) ? '' : 'x') },
    );
    return errorTemplate(code, facts);
  };
  const whole = without([]);
  const optional = [...names].filter((name) => without([name]) !== whole.replaceAll(`{${name}}`, ''));
  return optional
    .reduce<string[][]>((sets, name) => [...sets, ...sets.map((one) => [...one, name])], [[]])
    .map(without);
});

/**
 * Sentences that know no language: what ringers are called and tell, what is in their way, what clients say of being set up,
 * and what is in the way of that.
 */
const known = [
  ...Object.values(obstacles),
  ...configProblems,
  ...Object.values(ringers).map(({ label }) => label),
  ...ringTexts,
  ...taskReasons,
  ...clientNames.map(clientOf).flatMap(({ note, allow, wake }) => [note, allow ?? note, wake ?? note]),
];

describe.each([
  [
    'what is said at run time',
    'bundle.l10n',
    [...textsOf(extensionTexts), ...textsOf(pageTexts), ...textsOf(healthTexts), ...errors, ...known],
  ],
  ['what the manifest says', 'manifest', Object.values(manifest().strings)],
])('%s', (_, file, english) => {
  const german = read(`l10n/${file}.de.json`);

  test('has a German line each', () => {
    expect(english.filter((text) => !Object.hasOwn(german, text))).toEqual([]);
  });

  test('is all that has a German line', () => {
    expect(Object.keys(german).filter((text) => !english.includes(text))).toEqual([]);
  });

  test('has the same places, links and code in German', () => {
    for (const [text, said] of Object.entries(german)) {
      expect(said.trim(), text).not.toBe('');
      expect(places(said), text).toEqual(places(text));
      expect(kept(said), text).toEqual(kept(text));
    }
  });
});

test('the German manifest is written from its lines (else: npm run contributions)', () => {
  const lines = read('l10n/manifest.de.json');
  const said = Object.entries(manifest().strings).map(([key, text]) => [key, lines[text]]);
  expect(read('package.nls.de.json')).toEqual(Object.fromEntries(said));
});

test('VS Code is told where the words are, and they are in the package', () => {
  expect(read('package.json')['l10n']).toBe('./l10n');
  const packed = readFileSync(path.join(root, '.vscodeignore'), 'utf8').split('\n');
  expect(packed).toContain('!l10n/bundle.l10n.*.json');
  expect(packed).toContain('!package.nls*.json');
});

describe('a table of words', () => {
  const table = {
    gone: 'gone',
    calls: '{0} calls {1}',
    deep: { things: plural('{0} thing of {1}', '{0} things of {1}') },
  } as const;
  const bundle = { gone: 'fort', '{0} calls {1}': 'Bei {1} ruft {0} an', '{0} things of {1}': 'Von {1}: {0} Dinge' };

  test('speaks English until it is told otherwise, and then that', () => {
    const tongue = new Tongue();
    const words = worded(table, tongue);
    expect([words.gone, words.calls('Nova', 'Atlas'), words.deep.things(1, 'Atlas')]).toEqual([
      'gone',
      'Nova calls Atlas',
      '1 thing of Atlas',
    ]);
    tongue.speak('de', bundle);
    expect([words.gone, words.calls('Nova', 'Atlas'), words.deep.things(2, 'Atlas')]).toEqual([
      'fort',
      'Bei Atlas ruft Nova an',
      'Von Atlas: 2 Dinge',
    ]);
  });

  test('says in English what has no line', () => {
    const tongue = new Tongue();
    tongue.speak('de', bundle);
    expect(worded(table, tongue).deep.things(1, 'Atlas')).toBe('1 thing of Atlas');
  });

  test('takes what looks like a place in a value for what it is', () => {
    expect(worded(table, new Tongue()).calls('{1}', '{0}')).toBe('{1} calls {0}');
  });

  test('is not misled by names that every object has', () => {
    const tongue = new Tongue();
    tongue.speak('de', {});
    expect(tongue.say('constructor')).toBe('constructor');
  });

  test('counts as the language does', () => {
    const tongue = new Tongue();
    expect(worded(table, tongue).deep.things(0, 'Atlas')).toBe('0 things of Atlas');
    tongue.speak('fr', { '{0} thing of {1}': '{0} chose de {1}', '{0} things of {1}': '{0} choses de {1}' });
    expect(worded(table, tongue).deep.things(0, 'Atlas')).toBe('0 chose de Atlas');
  });

  test('takes a language that is none for English', () => {
    const tongue = new Tongue();
    tongue.speak('no such language');
    expect(tongue.language).toBe('en');
  });
});

describe('an error in the display language', () => {
  const german = read('l10n/bundle.l10n.de.json');
  const inGerman = (error: unknown): string => {
    extensionTongue.speak('de', german);
    try {
      return failureText(error);
    } finally {
      extensionTongue.speak('en');
    }
  };

  test('has its facts, and only what it says on this occasion', () => {
    expect(inGerman(new ParleyError('unknown_agent', { agent: 'Nova', known: ['Atlas', 'Vera'] }))).toBe(
      'Es gibt keinen Agenten „Nova“. Da sind: Atlas, Vera.',
    );
    expect(inGerman(new ParleyError('unknown_agent', { agent: 'Nova' }))).toBe(
      'Es gibt keinen Agenten „Nova“. Die Namen stehen unter „Agenten“.',
    );
  });

  test('has the problem in it in that language too, where it is one of ours', () => {
    const facts = { file: '/home/you/.codex/config.toml' };
    expect(inGerman(new ParleyError('config_unwritable', { ...facts, problem: 'you have no permission' }))).toBe(
      'Nichts wurde geändert: /home/you/.codex/config.toml lässt sich nicht schreiben: Ihnen fehlt das Recht dazu.',
    );
    expect(inGerman(new ParleyError('config_unwritable', { ...facts, problem: 'EIO' }))).toContain('schreiben: EIO.');
    // A name is a name, even where it is a word of ours.
    expect(inGerman(new ParleyError('not_participant', { topic: 'Error' }))).toContain('„Error“');
  });

  test('says in that language why a task is over', () => {
    const over = { task: '01T', outcome: 'failed', by: 'time' };
    expect(inGerman(new ParleyError('task_over', { ...over, reason: 'deadline' }))).toBe(
      'Diese Aufgabe ist vorbei: Ihre Frist ist abgelaufen. Vergeben Sie eine neue, um weiterzumachen.',
    );
    expect(inGerman(new ParleyError('task_over', { ...over, reason: 'of a later version' }))).toContain(
      'vorbei: of a later version. ',
    );
  });

  test('ends a sentence once', () => {
    expect(inGerman(new ParleyError('bad_input', { problem: 'no text!' }))).toBe(
      'Die Anfrage hat nicht die rechte Form: no text.',
    );
  });

  test('is in English what English says of it when there is no translation', () => {
    const error = new ParleyError('bad_input', { problem: 'no text!' });
    expect(failureText(error)).toBe(error.message);
    expect(inGerman(new Error('secret'))).toBe(
      'In Parley ist etwas schiefgegangen. Das Protokoll sagt mehr; bitte melden Sie es.',
    );
  });
});

test('a page whose words are damaged speaks English', () => {
  expect(bundleOf('{"You":"Sie","bad":7}')).toEqual({ You: 'Sie' });
  for (const data of [undefined, '', '[', 'null', '7']) expect(bundleOf(data)).toEqual({});
});
