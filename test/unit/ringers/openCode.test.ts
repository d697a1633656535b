import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { DoorRinger } from '../../../src/ringers/doorRinger';
import { OpenCodePluginDoor } from '../../../src/ringers/openCodePlugin';
import { OpenCodePortDoor } from '../../../src/ringers/openCodePort';
import { ManualClock } from '../../support/manualClock';
import { ringerCompliance, ringOf } from './compliance';
import { FakePlugin } from './fakePlugin';
import { TakenRings } from './takenRings';

const startPlugin = (rung: () => object = () => ({ sent: 'ses_1' })): Promise<FakePlugin> =>
  FakePlugin.start('opencode', '4711 /work', { process: 4711, session: 'ses_1' }, rung);
const pluginRinger = ({ home }: FakePlugin, clock = new ManualClock(), process: string | undefined = '4711') =>
  new DoorRinger({ door: new OpenCodePluginDoor({ home, process, workspace: '/work' }), clock });

ringerCompliance('the plugin in OpenCode', async () => {
  const plugin = await startPlugin();
  const clock = new ManualClock();
  return {
    ringer: pluginRinger(plugin, clock),
    received: (count) => plugin.rings.received(count),
    vanish: () => plugin.vanish(),
    stop: () => plugin.stop(),
    answering: {
      clock,
      hang: () => plugin.rings.hang(),
      unanswered: (count) => plugin.rings.unanswered(count),
      breakOff: () => plugin.vanish(),
      mostAtOnce: () => plugin.rings.mostAtOnce(),
    },
  };
});

async function withPlugin(rung: () => object, work: (plugin: FakePlugin) => Promise<void>): Promise<void> {
  const plugin = await startPlugin(rung);
  try {
    await work(plugin);
  } finally {
    await plugin.stop();
  }
}

test('a session that waits for its user is told: the ring is written, and held', () =>
  withPlugin(
    () => ({ sent: 'ses_1', waits: 'permission prompt' }),
    async (plugin) => {
      expect(await pluginRinger(plugin).ring(ringOf())).toEqual({ result: 'held', detail: 'permission prompt' });
    },
  ));

test('what OpenCode says against a ring is the reason', () =>
  withPlugin(
    () => ({ error: 'Session not found' }),
    async (plugin) => {
      expect(await pluginRinger(plugin).ring(ringOf())).toEqual({ result: 'failed', detail: 'Session not found' });
    },
  ));

test('an answer that is not one of ours is no success', () =>
  withPlugin(
    () => ({ sent: 7 }),
    async (plugin) => {
      expect((await pluginRinger(plugin).ring(ringOf())).result).toBe('failed');
    },
  ));

test('the plugin of another OpenCode is not taken for ours', () =>
  withPlugin(
    () => ({}),
    async (plugin) => {
      expect((await pluginRinger(plugin, undefined, '4712').available()).available).toBe(false);
      expect(await pluginRinger(plugin, undefined, '').available()).toEqual({
        available: false,
        reason: 'OpenCode has not said its process',
      });
    },
  ));

/** OpenCode's server, as far as rings go. */
class FakePort {
  readonly rings = new TakenRings();
  sessions: object[] = [{ id: 'ses_1', directory: '/work', time: { updated: 1 } }];
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { authorization = 'nobody' } = request.headers;
      this.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      if (authorization !== `Basic ${btoa('opencode:secret')}`) response.writeHead(401).end();
      else if (request.url === '/global/health') response.end('{"healthy":true,"version":"1.18.33"}');
      else if (request.url === '/session') response.end(JSON.stringify(this.sessions));
      else {
        let body = '';
        request.setEncoding('utf8').on('data', (part: string) => (body += part));
        request.on('end', () => {
          const { parts } = JSON.parse(body) as { readonly parts: { readonly text: string }[] };
          void this.rings.take(parts[0]?.text ?? '').then(() => response.writeHead(204).end());
        });
      }
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
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }
}

const portRinger = (words: readonly string[], clock = new ManualClock(), password = 'secret') =>
  new DoorRinger({
    door: new OpenCodePortDoor({
      commands: () => [['sh'], words],
      env: { OPENCODE_SERVER_PASSWORD: password },
      workspace: '/work',
    }),
    clock,
  });

ringerCompliance('the port of OpenCode', async () => {
  const port = await FakePort.start();
  const clock = new ManualClock();
  const words = ['opencode', '--port', String(port.number)];
  let isGone = false;
  return {
    // Its command line goes with it.
    ringer: new DoorRinger({
      door: new OpenCodePortDoor({
        commands: () => (isGone ? [] : [words]),
        env: { OPENCODE_SERVER_PASSWORD: 'secret' },
        workspace: '/work',
      }),
      clock,
    }),
    received: (count) => port.rings.received(count),
    vanish: async () => {
      isGone = true;
      await port.stop();
    },
    stop: () => port.stop(),
    anotherUser: false,
    answering: {
      clock,
      hang: () => port.rings.hang(),
      unanswered: (count) => port.rings.unanswered(count),
      breakOff: () => port.stop(),
      mostAtOnce: () => port.rings.mostAtOnce(),
    },
  };
});

async function withPort(work: (port: FakePort) => Promise<void>): Promise<void> {
  const port = await FakePort.start();
  try {
    await work(port);
  } finally {
    await port.stop();
  }
}

test('the session of its folder that was used last is rung, and no subagent’s', () =>
  withPort(async (port) => {
    port.sessions = [
      { id: 'ses_old', directory: '/work', time: { updated: 1 } },
      { id: 'ses_last', directory: '/work', time: { updated: 3 } },
      { id: 'ses_child', directory: '/work', parentID: 'ses_last', time: { updated: 5 } },
      { id: 'ses_elsewhere', directory: '/other', time: { updated: 9 } },
    ];
    expect(await portRinger(['opencode', `--port=${port.number}`]).ring(ringOf())).toEqual({ result: 'written' });
    expect(port.asked.at(-1)).toBe('POST /session/ses_last/prompt_async');
  }));

test('a wrong password is the reason, and nothing is rung', () =>
  withPort(async (port) => {
    const ringer = portRinger(['opencode', '--port', String(port.number)], undefined, 'wrong');
    expect(await ringer.ring(ringOf())).toEqual({ result: 'failed', detail: 'its port answered 401' });
    expect((await ringer.selfTest()).works).toBe(false);
  }));

test('its test tells the version', () =>
  withPort(async (port) => {
    const tested = await portRinger(['opencode', '--port', String(port.number)]).selfTest();
    expect(tested).toMatchObject({ works: true, version: '1.18.33' });
  }));

test('without a session there is nobody to ring', () =>
  withPort(async (port) => {
    port.sessions = [];
    const answer = await portRinger(['opencode', '--port', String(port.number)]).ring(ringOf());
    expect(answer).toEqual({ result: 'failed', detail: 'OpenCode has no session open yet' });
  }));

test.each([
  [['opencode']],
  [['opencode', '--port']],
  [['opencode', '--port', '0']],
  [['opencode', '--port', '99999']],
  [['opencode', '--port', '1e3x']],
  [['opencode', '--port', '4096', '--hostname', 'example.org']],
])('no port of this machine stands in %j', async (words) => {
  expect(await portRinger(words).available()).toEqual({
    available: false,
    reason: 'OpenCode was started without --port',
  });
});
