import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import * as path from 'node:path';
import versions from '../../scripts/equipment.json';
import { frames } from '../../src/ringers/claudeFrames';
import type { ClaudeCode } from './claudeCode';
import type { AskedModel, RungProcess } from './hundredRings';
import type { Brain } from './scriptedModel';
import { processesOf } from './workbenchProcesses';

/** The real Claude Code, interactive, with Parley's server, as one that is rung. */
export class RungClaude implements RungProcess {
  readonly name = `Claude Code ${versions.claudeCode}`;
  readonly #claude: ClaudeCode;
  readonly #brain: Brain;

  constructor(claude: ClaudeCode, brain: Brain) {
    this.#claude = claude;
    this.#brain = brain;
  }

  take(words: string): AskedModel | undefined {
    const turn = this.#brain.take(words);
    return (
      turn && {
        at: turn.at,
        body: JSON.stringify(turn.request),
        use: (tool, args) => turn.callTool(`mcp__parley__${tool}`, args),
        run: ({ name }, args) => turn.callTool(name, args),
        say: (text) => turn.say(text),
      }
    );
  }

  hasHeard(words: string): boolean {
    return this.#brain.hasHeard(words);
  }

  async isIdle(): Promise<boolean> {
    return (await this.#claude.session())?.status === 'idle';
  }

  /** A line into its inbox, as any other session of the user would write it. */
  async bare(words: string): Promise<void> {
    const { socket, token } = this.#inbox();
    const from = path.join(path.dirname(socket), 'bare.sock');
    await new Promise<void>((resolve, reject) => {
      const connection = connect(socket);
      connection.on('error', reject);
      connection.end(frames(token, { id: randomUUID(), from, text: words }), resolve);
      connection.resume();
    });
  }

  /** What it tells its own children of its inbox. */
  #inbox(): { readonly socket: string; readonly token: string } {
    for (const pid of processesOf(this.#claude.home)) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const value = (name: string): string | undefined =>
        environment.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
      const [socket, token] = [value('CLAUDE_CODE_MESSAGING_SOCKET'), value('CLAUDE_CODE_MESSAGING_TOKEN')];
      if (socket !== undefined && token !== undefined) return { socket, token };
    }
    throw new Error('no process of Claude Code knows its inbox');
  }
}
