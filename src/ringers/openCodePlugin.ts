import type { RingAnswer } from '../contract/wire';
import { lookAtSocket, PluginTalk, pluginSocket } from './pluginSocket';
import { DoorClosed, type Door, type DoorTest, type Ring } from './ringer';

export interface OpenCodePluginParts {
  /** Absolute path of Parley's home. */
  readonly home: string;
  /** `OPENCODE_PID`. */
  readonly process: string | undefined;
  /** The folder that OpenCode works in. */
  readonly workspace: string;
}

/**
 * The plugin of ours inside OpenCode (`src/connect/openCodePlugin.ts`), over its socket: `session.promptAsync` of OpenCode's
 * own client. An idle session starts a turn, a busy one sees the ring with its next step. The plugin knows whether the
 * session waits for its user, and says so.
 */
export class OpenCodePluginDoor implements Door {
  readonly name = 'opencode-plugin';
  /** At the start screen a session is made first, which takes a busy machine seconds. */
  readonly timeout = 20_000;
  readonly #parts: OpenCodePluginParts;

  constructor(parts: OpenCodePluginParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    await lookAtSocket(this.#socket(), 'OpenCode runs without Parley’s plugin');
  }

  async test(signal: AbortSignal): Promise<DoorTest> {
    const talk = await PluginTalk.open(this.#socket(), signal);
    try {
      const { process } = await talk.ask({ test: true });
      if (String(process) !== this.#parts.process) throw new Error('the plugin is that of another process');
      return { did: 'asked its plugin which session it would ring' };
    } finally {
      talk.close();
    }
  }

  async ring({ text }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    const talk = await PluginTalk.open(this.#socket(), signal);
    try {
      const { sent, waits, error } = await talk.ask({ ring: text });
      if (typeof sent !== 'string') throw new Error(typeof error === 'string' ? error : 'it did not say what it did');
      return typeof waits === 'string' ? { result: 'held', detail: waits.slice(0, 64) } : { result: 'written' };
    } finally {
      talk.close();
    }
  }

  #socket(): string {
    const { home, process, workspace } = this.#parts;
    if (process === undefined || process === '') throw new DoorClosed('OpenCode has not said its process');
    return pluginSocket(home, 'opencode', `${process} ${workspace}`);
  }
}
