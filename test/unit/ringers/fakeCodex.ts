import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { TakenRings } from './takenRings';

export interface FakeThread {
  readonly id: string;
  readonly cwd: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly parentThreadId?: string | null;
  readonly ephemeral?: boolean;
  readonly status: { readonly type: string; readonly activeFlags?: readonly string[] };
}

interface Asked {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly threadId?: string; readonly input?: readonly { readonly text: string }[] };
}

/** Codex's app server, as far as rings go: JSON-RPC over WebSocket on a Unix socket that a link in its folder leads to. */
export class FakeCodex {
  readonly rings = new TakenRings();
  threads: FakeThread[] = [];
  /** What is asked of it, in order. */
  readonly asked: string[] = [];
  /** Said against a turn. */
  refusal: string | undefined;
  userAgent = 'parley/0.169.0 (Debian 12; x86_64) unknown (parley; 0)';
  readonly folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<WebSocket>();

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer();
    new WebSocketServer({ server: this.#server, perMessageDeflate: false }).on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('message', (frame: Buffer) => void this.#take(socket, JSON.parse(frame.toString('utf8')) as Asked));
    });
  }

  static async start(): Promise<FakeCodex> {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-codex-'));
    const codex = new FakeCodex(folder);
    const place = path.join(folder, 'server');
    await new Promise<void>((resolve) => codex.#server.listen(place, resolve));
    await chmod(place, 0o600);
    await mkdir(path.join(folder, 'app-server-control'));
    await symlink(place, path.join(folder, 'app-server-control/app-server-control.sock'));
    return codex;
  }

  /** It ends, with whatever it was doing. */
  async vanish(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async stop(): Promise<void> {
    await this.vanish();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #take(socket: WebSocket, { id, method, params }: Asked): Promise<void> {
    this.asked.push(method);
    const say = (message: object): void => socket.send(JSON.stringify(message));
    const answer = (result: object): void => say({ id, result });
    const thread = this.threads.find((one) => one.id === params?.threadId);
    switch (method) {
      case 'initialize':
        return answer({ userAgent: this.userAgent });
      case 'thread/loaded/list':
        return answer({ data: this.threads.map((one) => one.id) });
      case 'thread/read':
        // What it tells everybody, and asks whoever shows the thread, comes in between.
        say({ method: 'thread/status/changed', params: {} });
        say({ id: 1, method: 'item/permissions/requestApproval', params: {} });
        return thread ? answer({ thread }) : say({ id, error: { code: -32600, message: 'thread not found' } });
      case 'turn/start':
        if (this.refusal !== undefined) return say({ id, error: { code: -32000, message: this.refusal } });
        await this.rings.take(params?.input?.[0]?.text ?? '');
        return answer({ turn: { id: 'turn_1' } });
      default:
        return;
    }
  }
}
