import type { RingAnswer } from '../contract/wire';
import { lookAtSocket, PluginTalk, pluginSocket, watchSocket } from './pluginSocket';
import { DoorClosed, type Door, type DoorTest, type LateReport, type Ring } from './ringer';

/** Rings that wait for their user and whose fate is still told; of more, the oldest are let go. */
const mostFollowed = 16;

export interface CopilotExtensionParts {
  /** Absolute path of Parley's home. */
  readonly home: string;
  /** `COPILOT_AGENT_SESSION_ID`. */
  readonly session: () => string | undefined;
  /** Told when Copilot takes in a ring that it had to hold. */
  readonly report: (report: LateReport) => void;
}

/**
 * The extension of ours inside a Copilot CLI session (`src/connect/copilotExtension.ts`), over its socket: `session.send` of
 * Copilot's SDK. An idle session starts a turn, a busy one sees the ring after the tool that runs. The extension knows
 * whether the session waits for its user, and says so.
 */
export class CopilotExtensionDoor implements Door {
  readonly name = 'copilot-extension';
  readonly #parts: CopilotExtensionParts;
  readonly #followed = new Set<PluginTalk>();

  constructor(parts: CopilotExtensionParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    await lookAtSocket(this.#socket(), 'the session runs without Parley’s extension');
  }

  async test(signal: AbortSignal): Promise<DoorTest> {
    const talk = await PluginTalk.open(this.#socket(), signal);
    try {
      const { session, version } = await talk.ask({ test: true });
      if (session !== this.#parts.session()) throw new Error('the extension is that of another session');
      return {
        did: 'asked its extension for its session',
        ...(typeof version === 'string' && { version: version.slice(0, 32) }),
      };
    } finally {
      talk.close();
    }
  }

  async ring({ request, text }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    const talk = await PluginTalk.open(this.#socket(), signal);
    let isFollowed = false;
    try {
      const { sent, waits, error } = await talk.ask({ ring: text });
      if (typeof sent !== 'string') throw new Error(typeof error === 'string' ? error : 'it did not say what it did');
      if (typeof waits !== 'string') return { result: 'written' };
      isFollowed = true;
      this.#follow(talk, () => this.#parts.report({ ...about(request), ringer: this.name, result: 'written' }));
      return { result: 'held', detail: waits.slice(0, 64) };
    } finally {
      if (!isFollowed) talk.close();
    }
  }

  /** The extension comes up after our server: its socket then appears in a folder that is there already. */
  watch(changed: () => void): () => void {
    const { home, session } = this.#parts;
    return watchSocket(home, 'copilot', session() ?? '', changed);
  }

  dispose(): Promise<void> {
    for (const talk of this.#followed) talk.close();
    this.#followed.clear();
    return Promise.resolve();
  }

  #socket(): string {
    const session = this.#parts.session();
    if (session === undefined || session === '') throw new DoorClosed('the session has not said its id');
    return pluginSocket(this.#parts.home, 'copilot', session);
  }

  /** Until the extension says that the session took the ring in, or hangs up. */
  #follow(talk: PluginTalk, taken: () => void): void {
    const end = (): void => {
      this.#followed.delete(talk);
      talk.close();
    };
    talk.follow((line) => {
      if ((line as { readonly taken?: unknown } | undefined)?.taken === true) taken();
      end();
    }, end);
    this.#followed.add(talk);
    for (const oldest of this.#followed) {
      if (this.#followed.size <= mostFollowed) return;
      this.#followed.delete(oldest);
      oldest.close();
    }
  }
}

const about = ({ subject, agent }: Ring['request']): { subject: string; agent: string } => ({ subject, agent });
