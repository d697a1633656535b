import * as vscode from 'vscode';
import { doorPaths } from '../../contract/wire';
import { Owned } from '../disposable';

/** Where this window's own agent finds its tools. */
export interface McpDoor {
  readonly socket: string;
  readonly token: string;
  /** Another version makes the editor ask for the tools anew. */
  readonly version: string;
}

export interface McpDefinitionsOptions {
  readonly door: () => McpDoor | undefined;
  /** Starts the broker if none is there; resolves when the door can be used. */
  readonly open: () => Promise<McpDoor | undefined>;
}

/** Gives the editor's own agent Parley's tools, over the broker's socket, without an entry in any file. */
export class McpDefinitions
  extends Owned
  implements vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition>
{
  readonly onDidChangeMcpServerDefinitions: vscode.Event<void>;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly #options: McpDefinitionsOptions;
  #told = '';

  constructor(options: McpDefinitionsOptions) {
    super();
    this.#options = options;
    this.onDidChangeMcpServerDefinitions = this.#changed.event;
  }

  /** The door may be another now. */
  look(): void {
    const now = JSON.stringify(this.#options.door());
    if (now === this.#told) return;
    this.#told = now;
    this.#changed.fire();
  }

  provideMcpServerDefinitions(): vscode.McpHttpServerDefinition[] {
    const door = this.#options.door();
    return door ? [definition(door)] : [];
  }

  async resolveMcpServerDefinition(
    given: vscode.McpHttpServerDefinition,
  ): Promise<vscode.McpHttpServerDefinition | undefined> {
    const door = await this.#options.open();
    if (!door) return undefined;
    const fresh = definition(door);
    given.uri = fresh.uri;
    given.headers = fresh.headers;
    return given;
  }
}

function definition({ socket, token, version }: McpDoor): vscode.McpHttpServerDefinition {
  const scheme = socket.startsWith('\\\\') ? 'pipe' : 'unix';
  const uri = vscode.Uri.from({ scheme, path: socket, fragment: doorPaths.mcp });
  return new vscode.McpHttpServerDefinition('Parley', uri, { Authorization: `Bearer ${token}` }, version);
}
