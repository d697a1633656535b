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
        callback(JSON.parse(String(data)) as Message);
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
