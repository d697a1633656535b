import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runBridge } from '../../../src/bridge/bridge';
import type { Processes } from '../../../src/client/processes';
import { FakeBroker, temporaryHome } from '../client/fakeBroker';
import { ManualClock } from '../client/manualClock';

/** How often the bridge looks again where no record tells it when to (ms). */
const again = 30_000;
const nobodyAbove: Processes = { self: 2, parent: 1, look: () => undefined, isAlive: () => true };

let folder: string;
let clock: ManualClock;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = temporaryHome();
  clock = new ManualClock();
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Until it holds: the bridge reads, and looks at files, in its own time. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, 15_000);

/** A bridge whose client knows its tools and gave the agent a name: it wants to sign on, and no broker is there. */
async function bridgeAt(home: string): Promise<{ readonly complaints: () => number }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let complaints = '';
  stderr.on('data', (text: Buffer) => (complaints += text.toString()));
  const env = { PARLEY_AGENT: 'Nova' };
  const given = { home, env, stdin, stdout, stderr, cwd: folder, version: '1', clock, processes: nobodyAbove };
  const running = runBridge(given);
  ends.push(() => {
    stdin.end();
    return running;
  });
  const say = (message: object): void => void stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'test-client', version: '1' };
  say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
  await once(stdout, 'data');
  stdout.resume();
  say({ method: 'notifications/initialized' });
  await eventually(() => expect(clock.pauses).toContain(3000));
  clock.advance(3000);
  const said = (): number => complaints.split('\n').length - 1;
  await eventually(() => expect(said()).toBe(1));
  return { complaints: said };
}

async function broker(home: string): Promise<FakeBroker> {
  const started = await FakeBroker.start(home);
  ends.push(() => started.kill());
  return started;
}

describe('a bridge without a broker', () => {
  it('signs on as soon as one has written its record, and asks no clock until then', async () => {
    const { complaints } = await bridgeAt(folder);
    const { length } = clock.pauses;
    clock.advance(10 * again);
    expect(clock.pauses).toHaveLength(length);
    expect(complaints()).toBe(1);
    const came = await broker(folder);
    await came.requests('register');
  });

  it('tries again after a while where no record can be watched', async () => {
    const home = path.join(folder, 'not-there-yet');
    const { complaints } = await bridgeAt(home);
    await eventually(() => expect(clock.pauses).toContain(again));
    clock.advance(again - 1);
    expect(complaints()).toBe(1);
    fs.mkdirSync(home, { recursive: true });
    const came = await broker(home);
    clock.advance(1);
    await came.requests('register');
  });
});
