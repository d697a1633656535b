import { expect, test } from 'vitest';
import type { ClientState } from '../../../src/client/options';
import { ParleyError } from '../../../src/contract/errors';
import { quietText, QuietSetting, type QuietSettingOptions } from '../../../src/extension/ring/quietSetting';
import { clockTime } from '../../../src/extension/words';
import { agent, FakeLine, noon, picture, settle, you } from './support';

/** A window with this setting, and what it tells the broker. */
function window(hours: string) {
  const line = new FakeLine();
  const told: unknown[] = [];
  const errors: unknown[] = [];
  const setting = { hours, answer: (): Promise<unknown> => Promise.resolve({}) };
  const ask = ((operation: string, input: unknown) => {
    told.push([operation, input]);
    return setting.answer();
  }) as QuietSettingOptions['line']['ask'];
  const asked: QuietSettingOptions['line'] = {
    ask,
    get state(): ClientState {
      return line.state;
    },
    onState: (listener) => line.onState(listener),
  };
  const quiet = new QuietSetting({ line: asked, hours: () => setting.hours, onError: (error) => errors.push(error) });
  return { line, told, errors, setting, quiet };
}

test('the hours of the setting are told whenever the broker is there, and when they change', () => {
  const { line, told, setting, quiet } = window(' 22:00-07:00 ');
  expect(told).toEqual([]);
  line.connect();
  quiet.look();
  expect(told).toEqual([['doNotDisturb', { hours: '22:00-07:00' }]]);
  line.become({ kind: 'lost', error: new ParleyError('broker_gone'), retryAt: 0 });
  setting.hours = '';
  quiet.look();
  line.connect();
  expect(told.slice(1)).toEqual([['doNotDisturb', { hours: null }]]);
});

test('an empty setting leaves alone what was said elsewhere', () => {
  const { line, told, quiet } = window('');
  line.connect();
  quiet.look();
  expect(told).toEqual([]);
});

test('hours that cannot be understood are told to the person, once', async () => {
  const { line, told, errors, setting, quiet } = window('at night');
  setting.answer = () => Promise.reject(new ParleyError('bad_hours', { hours: 'at night' }));
  line.connect();
  quiet.look();
  await settle();
  expect(told).toHaveLength(1);
  expect(errors).toMatchObject([{ code: 'bad_hours' }]);
});

test('the person reads until when they are left alone, and nothing when they are not', () => {
  const busy = { agents: [{ ...you, presence: 'busy' as const }] };
  expect(quietText(picture({ agents: [you, agent('Nova')] }))).toBe('');
  expect(quietText(picture(busy))).toBe('You are busy: calls go to your inbox.');
  const until = noon + 3_600_000;
  expect(quietText(picture({ ...busy, quiet: { on: true, until } }))).toBe(
    `You are left alone until ${clockTime(until, noon)}: calls go to your inbox.`,
  );
});
