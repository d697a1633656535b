import { AbstractMessageReader, AbstractMessageWriter, type DataCallback, type Message } from 'vscode-jsonrpc';
import { createMessageConnection, type Disposable, type MessageConnection } from 'vscode-jsonrpc/node';
import type { WebSocket } from 'ws';

/** JSON-RPC over a WebSocket: one object per text frame. */
export function jsonRpcOver(socket: WebSocket): MessageConnection {
  return createMessageConnection(new FrameReader(socket), new FrameWriter(socket));
}

class FrameReader extends AbstractMessageReader {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
  }

  override listen(callback: DataCallback): Disposable {
    const read = (data: unknown, isBinary: boolean): void => {
      try {
        if (isBinary) throw new Error('a binary frame');
        const message: unknown = JSON.parse(String(data));
        if (isMessage(message)) callback(message);
        else this.#socket.send(notAMessage);
      } catch (error) {
        this.fireError(error);
      }
    };
    const close = (): void => this.fireClose();
    this.#socket.on('message', read);
    this.#socket.on('close', close);
    return {
      dispose: () => {
        this.#socket.off('message', read);
        this.#socket.off('close', close);
      },
    };
  }
}

class FrameWriter extends AbstractMessageWriter {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
  }

  // Does not wait for the frame to leave: what is lost with the connection is repeated by who asked.
  write(message: Message): Promise<void> {
    this.#socket.send(JSON.stringify(message));
    return Promise.resolve();
  }

  end(): void {
    this.#socket.close();
  }
}

/** JSON-RPC's answer to JSON that is no message of it: the connection goes on. */
const notAMessage = JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: { code: -32600, message: 'not a JSON-RPC message' },
});

/** Whether the library below can take it: it throws on the rest. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { id, method, params } = value as { id?: unknown; method?: unknown; params?: unknown };
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') return false;
  if (method === undefined) return id !== undefined;
  if (method === '$/cancelRequest') return typeof params === 'object' && params !== null && 'id' in params;
  return typeof method === 'string';
}
