import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import {
  ConnectionEnded,
  mostBatched,
  mostHeld,
  RpcError,
  RpcPeer,
  type RpcHandlers,
} from '../../../src/transport/rpcPeer';

/** A WebSocket whose frames are handed to whoever the test says, in the same turn. */
class Wire extends EventEmitter {
  readonly sent: string[] = [];
  other: Wire | undefined;

  send(text: string): void {
    this.sent.push(String(text));
    this.other?.emit('message', Buffer.from(text), false);
  }

  close(code: number): void {
    this.sent.push(`close ${code}`);
  }
}

const refusal = (error: unknown): RpcError => new RpcError(1, error instanceof Error ? error.message : 'failed');
const nothing: RpcHandlers = {
  request: () => ({}),
  refusal,
  notification: () => undefined,
  broken: () => undefined,
};

function peer(handlers: Partial<RpcHandlers> = {}): { wire: Wire; peer: RpcPeer } {
  const wire = new Wire();
  return { wire, peer: new RpcPeer(wire as unknown as WebSocket, { ...nothing, ...handlers }) };
}

/** Two peers that hear each other; `handlers` are those of the second. */
function pair(handlers: Partial<RpcHandlers>): { asker: RpcPeer; ends: Wire[] } {
  const [first, second] = [peer(), peer(handlers)];
  first.wire.other = second.wire;
  second.wire.other = first.wire;
  return { asker: first.peer, ends: [first.wire, second.wire] };
}

function hear(wire: Wire, message: unknown): void {
  wire.emit('message', Buffer.from(JSON.stringify(message)), false);
}

describe('a request', () => {
  it('is answered with what the other side returns, at once or later', async () => {
    const { asker } = pair({ request: (method, params) => (method === 'now' ? { params } : Promise.resolve(method)) });
    expect(await asker.request('now', { a: 1 })).toEqual({ params: { a: 1 } });
    expect(await asker.request('later', undefined)).toBe('later');
  });

  it('fails with the code, message and data of what the other side throws', async () => {
    const { asker } = pair({
      request: (method) => {
        if (method === 'now') throw new RpcError(-32000, 'no', { why: 'so' });
        return Promise.reject(new Error('broken'));
      },
    });
    await expect(asker.request('now', {})).rejects.toMatchObject({ code: -32000, message: 'no', data: { why: 'so' } });
    await expect(asker.request('later', {})).rejects.toMatchObject({ code: 1, message: 'broken' });
  });

  it('that is taken back aborts the signal at the other side, also when it is looked at only then', async () => {
    const seen: boolean[] = [];
    let look: () => void = () => undefined;
    const { asker } = pair({
      request: (_method, _params, call) =>
        new Promise((resolve) => {
          look = () => {
            seen.push(call.signal.aborted);
            resolve('done');
          };
        }),
    });
    const controller = new AbortController();
    const asked = asker.request('wait', {}, { signal: controller.signal });
    controller.abort();
    look();
    expect(seen).toEqual([true]);
    expect(await asked).toBe('done');
  });

  it('fails when the connection ends, and so does every later one', async () => {
    const { wire, peer: asker } = peer();
    const waiting = asker.request('wait', {});
    wire.emit('close');
    await expect(waiting).rejects.toBeInstanceOf(ConnectionEnded);
    await expect(asker.request('again', {})).rejects.toBeInstanceOf(ConnectionEnded);
  });

  it('of the other side is aborted when the connection ends, and not answered any more', async () => {
    const answers: ((value: string) => void)[] = [];
    let signal: AbortSignal | undefined;
    const { wire } = peer({
      request: (_method, _params, call) => {
        signal = call.signal;
        return new Promise<string>((resolve) => answers.push(resolve));
      },
    });
    hear(wire, { jsonrpc: '2.0', id: 1, method: 'wait' });
    wire.emit('close');
    expect(signal?.aborted).toBe(true);
    answers[0]?.('late');
    await Promise.resolve();
    expect(wire.sent).toEqual([]);
  });

  it('is taken up in the turn in which its frame came', () => {
    const { wire } = peer({ request: () => 'here' });
    hear(wire, { jsonrpc: '2.0', id: 'x', method: 'now' });
    expect(wire.sent).toEqual(['{"jsonrpc":"2.0","id":"x","result":"here"}']);
  });
});

describe('what is no message', () => {
  it.each([
    [null],
    [5],
    ['x'],
    [{}],
    [{ id: 1 }],
    [{ method: 3, id: 1 }],
    [{ method: 'm', id: null }],
    [{ method: 'm', id: {} }],
  ])('%j gets an error without an id', (message) => {
    const { wire } = peer();
    hear(wire, message);
    expect(wire.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'not a JSON-RPC message' } },
    ]);
  });

  it.each([[{ id: 7, result: 1 }], [{ id: null, error: { code: 1, message: 'x' } }], [{ id: 'x', result: null }]])(
    '%j, an answer that nobody waits for, gets nothing: two peers would answer each other for ever',
    (message) => {
      const { wire } = peer();
      hear(wire, message);
      expect(wire.sent).toEqual([]);
    },
  );

  it('is told when it is no JSON or binary', () => {
    const broken: unknown[] = [];
    const { wire } = peer({ broken: (error) => broken.push(error) });
    wire.emit('message', Buffer.from('{'), false);
    wire.emit('message', Buffer.from('{}'), true);
    expect(broken).toHaveLength(2);
  });
});

describe('a notification', () => {
  it('comes in order, and one whose listener throws stops none of the others', () => {
    const heard: unknown[] = [];
    const { wire } = peer({
      notification: (_method, params) => {
        heard.push(params);
        if (params === 1) throw new Error('no');
      },
    });
    for (const params of [1, 2]) hear(wire, { jsonrpc: '2.0', method: 'told', params });
    expect(heard).toEqual([1, 2]);
    expect(wire.sent).toEqual([]);
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The methods in each frame. */
function methodsIn(frames: readonly string[]): unknown[][] {
  return frames.map((frame) => [...frame.matchAll(/"method":"(\w+)"/g)].map(([, method]) => method));
}

describe('what a peer says in one turn', () => {
  it('leaves at once, and what follows it in the same turn in few frames, in its order', async () => {
    const { peer: sayer, wire } = peer();
    sayer.batch();
    sayer.notify('first', {});
    expect(wire.sent).toHaveLength(1);
    sayer.notify('second', {});
    sayer.notify('third', {});
    await Promise.resolve();
    expect(wire.sent).toHaveLength(1);
    await turn();
    sayer.notify('fourth', {});
    await turn();
    expect(methodsIn(wire.sent)).toEqual([['first'], ['second', 'third'], ['fourth']]);
    wire.sent.length = 0;
    for (let count = 0; count < 2 * mostHeld; count++) sayer.notify('many', {});
    expect(wire.sent, 'the first, and those after it').toHaveLength(2);
    await turn();
    expect(methodsIn(wire.sent).map((methods) => methods.length)).toEqual([1, mostHeld, mostHeld - 1]);
  });

  it('is heard, asked and answered by the other side as if each had come alone', async () => {
    const heard: unknown[] = [];
    const { asker, ends } = pair({
      request: (_method, params) => params,
      notification: (method) => heard.push(method),
    });
    asker.batch();
    const answers = [1, 2, 3].map((count) => asker.request('echo', { count }));
    asker.notify('told', {});
    expect(await Promise.all(answers)).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
    expect(heard).toEqual(['told']);
    expect(ends[0]?.sent, 'the first request, and a batch').toHaveLength(2);
  });

  it('leaves one by one to a side that takes no batches', async () => {
    const { peer: sayer, wire } = peer();
    for (const method of ['first', 'second', 'third']) sayer.notify(method, {});
    expect(methodsIn(wire.sent)).toEqual([['first'], ['second'], ['third']]);
    await turn();
    expect(wire.sent).toHaveLength(3);
  });

  it('leaves in a frame of its own when it is long, after what was said before it', async () => {
    const { peer: sayer, wire } = peer();
    sayer.batch();
    sayer.notify('first', {});
    sayer.notify('second', {});
    sayer.notify('long', { text: 'x'.repeat(mostBatched) });
    sayer.notify('last', {});
    await turn();
    expect(methodsIn(wire.sent)).toEqual([['first'], ['second'], ['long'], ['last']]);
  });

  it('leaves before the goodbye', () => {
    const { peer: sayer, wire } = peer();
    sayer.batch();
    sayer.notify('first', {});
    sayer.notify('second', {});
    sayer.close(1000);
    expect(methodsIn(wire.sent)).toEqual([['first'], ['second'], []]);
    expect(wire.sent.at(-1)).toBe('close 1000');
  });

  it('is refused when it is an empty batch', () => {
    const { wire } = peer();
    hear(wire, []);
    expect(wire.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: -32600 }) as unknown }),
    ]);
  });
});

describe('several messages in one frame', () => {
  const answersOf = (wire: Wire): unknown[] => wire.sent.map((text) => JSON.parse(text) as unknown);

  it('are taken up in their order and in the turn of the frame, requests and what is only told alike', () => {
    const taken: unknown[] = [];
    const { wire } = peer({
      request: (method, params) => {
        taken.push([method, params]);
        return method;
      },
      notification: (method) => taken.push(method),
    });
    hear(wire, [
      { jsonrpc: '2.0', id: 2, method: 'second', params: { a: 1 } },
      { jsonrpc: '2.0', method: 'told' },
      { jsonrpc: '2.0', id: 'x', method: 'third' },
    ]);
    expect(taken).toEqual([['second', { a: 1 }], 'told', ['third', undefined]]);
    expect(answersOf(wire)).toMatchObject([
      { id: 2, result: 'second' },
      { id: 'x', result: 'third' },
    ]);
  });

  it('fail each by itself: what is wrong with one is answered in its place, and the others go on', async () => {
    const heard: string[] = [];
    const broken: unknown[] = [];
    const { wire } = peer({
      request: (method) => {
        if (method === 'throws') throw new RpcError(-32000, 'no');
        return method === 'rejects' ? Promise.reject(new Error('later')) : method;
      },
      notification: (method) => {
        heard.push(method);
        throw new Error('nobody hears of it');
      },
      broken: (error) => broken.push(error),
    });
    hear(wire, [
      { jsonrpc: '2.0', id: 1, method: 'throws' },
      5,
      [{ jsonrpc: '2.0', id: 2, method: 'inner' }],
      { jsonrpc: '2.0', id: 3, method: 'rejects' },
      { jsonrpc: '2.0', method: 'told' },
      { jsonrpc: '2.0', id: 4, method: 'good' },
    ]);
    await turn();
    expect(answersOf(wire)).toMatchObject([
      { id: 1, error: { code: -32000, message: 'no' } },
      { id: null, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
      { id: 4, result: 'good' },
      { id: 3, error: { code: 1, message: 'later' } },
    ]);
    expect(heard).toEqual(['told']);
    expect(broken).toEqual([]);
  });

  it('may take back a request that stands before in the same frame, and no other', async () => {
    const signals = new Map<string, AbortSignal>();
    const answers: (() => void)[] = [];
    const { wire } = peer({
      request: (method, _params, call) => {
        signals.set(method, call.signal);
        return new Promise((resolve) => answers.push(() => resolve(method)));
      },
    });
    hear(wire, [
      { jsonrpc: '2.0', id: 1, method: 'taken back' },
      { jsonrpc: '2.0', id: 2, method: 'kept' },
      { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } },
      { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 3 } },
      { jsonrpc: '2.0', id: 3, method: 'not there yet' },
    ]);
    expect([...signals].map(([method, { aborted }]) => [method, aborted])).toEqual([
      ['taken back', true],
      ['kept', false],
      ['not there yet', false],
    ]);
    for (const answer of answers) answer();
    await turn();
    expect(answersOf(wire)).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  it('settle what they answer, also when another of them answers nobody', async () => {
    const { wire, peer: asker } = peer();
    const [first, second] = [asker.request('first', {}), asker.request('second', {})];
    hear(wire, [
      { jsonrpc: '2.0', id: 2, error: { code: -32000, message: 'no' } },
      { jsonrpc: '2.0', id: 7, result: 'for nobody' },
      { jsonrpc: '2.0', id: 1, result: 'yes' },
    ]);
    await expect(second).rejects.toMatchObject({ code: -32000 });
    expect(await first).toBe('yes');
    expect(wire.sent, 'the two requests, and nothing more').toHaveLength(2);
  });
});
