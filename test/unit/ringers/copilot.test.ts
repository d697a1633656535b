import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { CopilotExtensionDoor } from '../../../src/ringers/copilotExtension';
import { CopilotPortDoor } from '../../../src/ringers/copilotPort';
import { DoorRinger } from '../../../src/ringers/doorRinger';
import type { LateReport } from '../../../src/ringers/ringer';
import { TriedVersions } from '../../../src/ringers/versions';
import { ManualClock } from '../../support/manualClock';
import { until } from '../../support/until';
import { ringerCompliance, ringOf } from './compliance';
import { FakePlugin } from './fakePlugin';
import { TakenRings } from './takenRings';

const session = 'b7f1';
const startExtension = (rung: () => object = () => ({ sent: 'm1' })): Promise<FakePlugin> =>
  FakePlugin.start('copilot', session, { session, version: '1.0.102' }, rung);

function extensionRinger({ home }: FakePlugin, reports: LateReport[] = [], clock = new ManualClock(), own = session) {
  const report = (one: LateReport): number => reports.push(one);
  return new DoorRinger({ door: new CopilotExtensionDoor({ home, session: () => own, report }), clock });
}

ringerCompliance('the extension in Copilot CLI', async () => {
  const extension = await startExtension();
  const clock = new ManualClock();
  return {
    ringer: extensionRinger(extension, [], clock),
    received: (count) => extension.rings.received(count),
    vanish: () => extension.vanish(),
    stop: () => extension.stop(),
    answering: {
      clock,
      hang: () => extension.rings.hang(),
      unanswered: (count) => extension.rings.unanswered(count),
      breakOff: () => extension.vanish(),
      mostAtOnce: () => extension.rings.mostAtOnce(),
    },
  };
});

async function withExtension(rung: () => object, work: (extension: FakePlugin) => Promise<void>): Promise<void> {
  const extension = await startExtension(rung);
  try {
    await work(extension);
  } finally {
    await extension.stop();
  }
}

test('a session with a prompt open holds the ring, and is written once the extension says that it took it in', () =>
  withExtension(
    () => ({ sent: 'm1', waits: 'permission prompt' }),
    async (extension) => {
      const reports: LateReport[] = [];
      const ringer = extensionRinger(extension, reports);
      expect(await ringer.ring(ringOf())).toEqual({ result: 'held', detail: 'permission prompt' });
      expect(reports).toEqual([]);
      extension.say({ taken: true });
      await until('the report', () => reports.length > 0);
      const { subject, agent } = ringOf();
      expect(reports).toEqual([{ subject, agent, ringer: 'copilot-extension', result: 'written' }]);
      await ringer.dispose();
    },
  ));

test('of a held ring nothing is told when the extension goes without a word', () =>
  withExtension(
    () => ({ sent: 'm1', waits: 'permission prompt' }),
    async (extension) => {
      const reports: LateReport[] = [];
      const ringer = extensionRinger(extension, reports);
      await ringer.ring(ringOf());
      await extension.vanish();
      await until('it to be gone', async () => !(await ringer.available()).available);
      expect(reports).toEqual([]);
    },
  ));

test('an answer that does not say that it was sent is no success', () =>
  withExtension(
    () => ({ error: 'session.send is not a function' }),
    async (extension) => {
      expect(await extensionRinger(extension).ring(ringOf())).toEqual({
        result: 'failed',
        detail: 'session.send is not a function',
      });
    },
  ));

test('its test says the version that the extension says, and no session of another is taken for ours', () =>
  withExtension(
    () => ({}),
    async (extension) => {
      expect(await extensionRinger(extension).selfTest()).toMatchObject({ works: true, version: '1.0.102' });
      const other = extensionRinger(extension, [], new ManualClock(), 'another');
      expect(await other.available()).toEqual({
        available: false,
        reason: 'the session runs without Parley’s extension',
      });
      expect(extension.rings.texts).toEqual([]);
    },
  ));

test('a session that comes up later is told of without looking again and again', async () => {
  const extension = await startExtension();
  await extension.vanish();
  let changes = 0;
  const end = extensionRinger(extension).watch(() => changes++);
  await extension.listen();
  await until('the change', () => changes > 0);
  end();
  await extension.stop();
});

/** The port of Copilot CLI, as far as rings go. */
class FakePort {
  readonly rings = new TakenRings();
  readonly asked: string[] = [];
  refuses: string | undefined;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('error', () => undefined);
      let held = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        held += chunk;
        for (;;) {
          const [head = '', ...rest] = held.split('\r\n\r\n');
          const length = Number(/Content-Length: (\d+)/.exec(head)?.[1]);
          const body = Buffer.from(rest.join('\r\n\r\n'));
          if (rest.length === 0 || body.length < length) return;
          held = body.subarray(length).toString();
          void this.#answer(socket, JSON.parse(body.subarray(0, length).toString()) as Asked);
        }
      });
    });
  }

  static async start(): Promise<FakePort> {
    const port = new FakePort();
    await new Promise<void>((resolve) => port.#server.listen(0, '127.0.0.1', resolve));
    return port;
  }

  get number(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(socket: Socket, { id, method, params }: Asked): Promise<void> {
    this.asked.push(method);
    const say = (value: object): void => {
      const body = JSON.stringify({ jsonrpc: '2.0', ...value });
      // In two pieces, as networks have it.
      socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 9)}`);
      socket.write(body.slice(9));
    };
    say({ method: 'session.event', params: { type: 'noise' } });
    if (method === this.refuses) return say({ id, error: { code: -32603, message: 'Session not found' } });
    if (method === 'session.send') await this.rings.take(params.prompt ?? '');
    say({ id, result: method === 'session.getForeground' ? { sessionId: session } : {} });
  }
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly prompt?: string };
}

function portRinger(words: readonly string[], clock = new ManualClock(), version = '1.0.102'): DoorRinger {
  const door = new CopilotPortDoor({ session: () => session, commands: () => [['sh'], words] });
  const tried = new TriedVersions('Copilot CLI', { least: '1.0.100', below: '1.1' }, () => version);
  return new DoorRinger({ door, clock, tried });
}

const started = (port: FakePort): string[] => ['copilot', '--ui-server', '--port', String(port.number)];

ringerCompliance('the port of Copilot CLI', async () => {
  const port = await FakePort.start();
  const clock = new ManualClock();
  return {
    ringer: portRinger(started(port), clock),
    received: (count) => port.rings.received(count),
    vanish: () => port.stop(),
    stop: () => port.stop(),
    answering: {
      clock,
      hang: () => port.rings.hang(),
      unanswered: (count) => port.rings.unanswered(count),
      breakOff: () => port.stop(),
      mostAtOnce: () => port.rings.mostAtOnce(),
    },
    anotherUser: false,
  };
});

test('the port wakes nobody by its test, and a ring resumes the session before it sends', async () => {
  const port = await FakePort.start();
  const ringer = portRinger(started(port));
  expect(await ringer.selfTest()).toMatchObject({ works: true, did: 'asked its port for the session in front' });
  expect(port.asked).toEqual(['connect', 'session.getForeground']);
  await ringer.ring(ringOf());
  expect(port.asked.slice(2)).toEqual(['connect', 'session.resume', 'session.send']);
  port.refuses = 'session.resume';
  expect(await ringer.ring(ringOf())).toEqual({
    result: 'failed',
    detail: 'its port refused session.resume: Session not found',
  });
  await port.stop();
});

test.each([
  [['copilot']],
  [['copilot', '--ui-server']],
  [['copilot', '--ui-server', '--port']],
  [['copilot', '--ui-server', '--port', '0']],
  [['copilot', '--ui-server', '--port=70000']],
])('a Copilot CLI that was started as %j has no port to ring at', async (words) => {
  expect(await portRinger(words).available()).toEqual({
    available: false,
    reason: 'it was not started with --ui-server --port',
  });
});

test('the port is left alone in a version that it was not tried with', async () => {
  const port = await FakePort.start();
  for (const version of ['2.0.0', '0.9', '']) {
    expect((await portRinger(started(port), new ManualClock(), version).ring(ringOf())).result).toBe('failed');
  }
  expect(port.asked).toEqual([]);
  await port.stop();
});
