import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ParleyError } from '../contract/errors';
import { doorPaths } from '../contract/wire';
import { answerError, checkHostAndOrigin } from './http';
import type { RpcDoor } from './rpc/rpcDoor';

/** A door that speaks plain HTTP. */
export interface HttpDoor {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** How long clients are given to close before their sockets are cut (ms). */
const closeGrace = 500;

/** The one HTTP server behind which every door stands. */
export class DoorServer {
  readonly #server: Server;
  readonly #rpc: RpcDoor;
  readonly #mcp: HttpDoor;
  readonly #after: (milliseconds: number, run: () => void) => () => void;

  constructor(parts: {
    readonly rpc: RpcDoor;
    readonly mcp: HttpDoor;
    readonly after: (milliseconds: number, run: () => void) => () => void;
  }) {
    this.#rpc = parts.rpc;
    this.#mcp = parts.mcp;
    this.#after = parts.after;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    // A request may wait for a reply as long as its operation allows; the doors have their own bounds.
    this.#server.requestTimeout = 0;
    this.#server.on('upgrade', (request, socket, head) => {
      if (pathOf(request) === doorPaths.rpc) this.#rpc.upgrade(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
  }

  /** Listens on the Unix socket or named pipe. Rejects with the system's error. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** Takes nobody new, lets the connected say goodbye, then cuts them off. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#rpc.close();
    await this.#mcp.close();
    this.#server.closeIdleConnections();
    const cancel = this.#after(closeGrace, () => {
      this.#rpc.terminate();
      this.#server.closeAllConnections();
    });
    await closed;
    cancel();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      checkHostAndOrigin(request);
      if (pathOf(request) !== doorPaths.mcp)
        throw new ParleyError('unknown_operation', { operation: pathOf(request).slice(0, 64) });
      await this.#mcp.handle(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else answerError(response, error);
    }
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
