import { expect, test } from 'vitest';
import { DoorRinger, doorTimeout } from '../../../src/ringers/doorRinger';
import { enterPause, TypedLineDoor } from '../../../src/ringers/typedLine';
import { ManualClock } from '../../support/manualClock';
import { until } from '../../support/until';
import { hostile, ringerCompliance, ringOf } from './compliance';

/** A terminal whose client sends what stands in its prompt at each Enter. */
class FakeTerminal {
  obstacleNow: string | undefined;
  isOpen = true;
  readonly typed: string[] = [];
  readonly sent: string[] = [];
  /** Told of each piece that was typed. */
  onTyped: () => void = () => undefined;
  #prompt = '';

  obstacle(): Promise<string | undefined> {
    return Promise.resolve(this.obstacleNow);
  }

  type(text: string): void {
    this.typed.push(text);
    for (const piece of text.split(/(\r)/)) {
      if (piece !== '\r') this.#prompt += piece;
      else this.sent.push(this.#prompt);
      if (piece === '\r') this.#prompt = '';
    }
    this.onTyped();
  }

  async received(count: number): Promise<readonly string[]> {
    return until('the lines', () => this.sent.length >= count && this.sent, 3000);
  }
}

/** Time that goes on by itself: nobody waits for the pause before Enter. */
function hurrying(): ManualClock {
  const clock = new ManualClock();
  return Object.assign(clock, {
    after: (milliseconds: number, run: () => void) => {
      if (milliseconds === enterPause) queueMicrotask(run);
      return () => undefined;
    },
  });
}

function typing(terminal = new FakeTerminal(), clock = hurrying()) {
  const door = new TypedLineDoor({ terminal: () => Promise.resolve(terminal.isOpen ? terminal : undefined), clock });
  return { terminal, clock, ringer: new DoorRinger({ door, clock }) };
}

ringerCompliance('a line typed into the terminal', () => {
  const { terminal, ringer } = typing();
  return Promise.resolve({
    ringer,
    received: (count) => terminal.received(count),
    vanish: () => {
      terminal.isOpen = false;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    anotherUser: false,
    ownWords: true,
  });
});

test('the line says who calls and how to answer, and Enter comes on its own, a moment later', async () => {
  const { terminal, ringer, clock } = typing(new FakeTerminal(), new ManualClock());
  const ring = ringer.ring(ringOf());
  await clock.advance(enterPause - 1);
  expect(terminal.typed).toEqual([
    'Parley: you have a call from Atlas. Answer it with the parley tool answer, call 01CALL.',
  ]);
  await clock.advance(1);
  expect(await ring).toEqual({ result: 'written' });
  expect(terminal.typed[1]).toBe('\r');
});

test('for a message the line says to listen', async () => {
  const { terminal, ringer } = typing();
  const { call: _call, ...rest } = ringOf();
  await ringer.ring({ ...rest, kind: 'message' });
  expect(terminal.sent).toEqual(['Parley: Atlas has something for you. Hear it with the parley tool listen. 01CALL']);
});

test.each(hostile)('nothing of what others wrote is typed: %j', async (text) => {
  const { terminal, ringer } = typing();
  await ringer.ring(ringOf({ topic: text, text, from: text, note: text }));
  await ringer.ring(ringOf({ topic: text, text, from: text, call: text }));
  expect(terminal.sent).toHaveLength(2);
  for (const line of terminal.sent) expect(line).toMatch(/^Parley: [A-Za-z0-9 _@.,:-]+$/);
  expect(terminal.sent[0]).toContain('from somebody');
  expect(terminal.typed.join('').split('\r')).toHaveLength(3);
});

test('nothing is typed while there is something in the way, and the reason is told', async () => {
  const { terminal, ringer } = typing();
  terminal.obstacleNow = 'somebody may be typing there';
  expect(await ringer.available()).toEqual({ available: false, reason: 'somebody may be typing there' });
  expect(await ringer.ring(ringOf())).toEqual({ result: 'failed', detail: 'somebody may be typing there' });
  expect(terminal.typed).toEqual([]);
});

test('whoever comes to the terminal before Enter finds the line unsent, and the ring is held', async () => {
  const { terminal, ringer } = typing();
  terminal.onTyped = () => (terminal.obstacleNow = 'somebody may be typing there');
  const answer = await ringer.ring(ringOf());
  expect(answer).toMatchObject({ result: 'held', detail: expect.stringMatching(/not sent/) as unknown });
  expect(terminal.sent).toEqual([]);
});

test('a line that stands there unsent is not typed again, and the next one is', async () => {
  const { terminal, ringer } = typing();
  terminal.onTyped = () => (terminal.obstacleNow = 'somebody may be typing there');
  const held = await ringer.ring(ringOf());
  terminal.onTyped = () => undefined;
  terminal.obstacleNow = undefined;
  expect(await ringer.ring(ringOf())).toEqual(held);
  expect(terminal.typed).toHaveLength(1);
  expect(await ringer.ring(ringOf({ subject: '01NEXT', call: '01NEXT' }))).toEqual({ result: 'written' });
  expect(terminal.typed).toHaveLength(3);
});

test('a line whose Enter was not typed because its terminal did not answer stands there too', async () => {
  const { terminal, ringer, clock } = typing(new FakeTerminal(), new ManualClock());
  const free = (): Promise<undefined> => Promise.resolve(undefined);
  terminal.onTyped = () => (terminal.obstacle = () => new Promise(() => undefined));
  const ring = ringer.ring(ringOf());
  await clock.advance(enterPause);
  await clock.advance(doorTimeout);
  expect(await ring).toMatchObject({ result: 'failed' });
  terminal.obstacle = free;
  expect(await ringer.ring(ringOf())).toEqual({
    result: 'held',
    detail: 'its line stands in the terminal, not sent: unknown',
  });
  expect(terminal.typed).toHaveLength(1);
});

test('a line that was not typed because something was in the way is typed when that is past', async () => {
  const { terminal, ringer } = typing();
  terminal.obstacleNow = 'somebody may be typing there';
  expect((await ringer.ring(ringOf())).result).toBe('failed');
  terminal.obstacleNow = undefined;
  expect(await ringer.ring(ringOf())).toEqual({ result: 'written' });
  expect(terminal.sent).toHaveLength(1);
});
