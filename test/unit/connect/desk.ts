import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Connector, type Plan } from '../../../src/connect/connector';
import type { ClientName } from '../../../src/connect/clientNames';
import { clientOf } from '../../../src/connect/clients';

/** A user's folder and a home, and somebody who connects clients there. */
export class Desk {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-connect-'));
  readonly user = path.join(this.root, 'user');
  readonly home = path.join(this.root, 'user', '.parley');
  readonly launcher = path.join(this.home, 'bin', 'parley');
  readonly connector: Connector;
  #ids = 0;

  constructor(env: Readonly<Record<string, string>> = {}, platform: NodeJS.Platform = 'linux') {
    fs.mkdirSync(this.user);
    const place = { launcher: this.launcher, env, userFolder: this.user, platform, exists: fs.existsSync };
    this.connector = new Connector({ home: this.home, place, now: () => 1, newId: () => String(++this.#ids) });
  }

  /** The files that this client's configuration consists of. */
  files(client: ClientName): string[] {
    const place = {
      launcher: this.launcher,
      env: {},
      userFolder: this.user,
      platform: 'linux',
      exists: fs.existsSync,
    } as const;
    return clientOf(client)
      .changes(place, { isAllowed: true, isWoken: true })
      .map(({ file }) => file);
  }

  async connect(client: ClientName, isAllowed = true, isWoken = true): Promise<Plan> {
    const plan = await this.connector.planConnect(client, { isAllowed, isWoken });
    await this.connector.carryOut(plan);
    return plan;
  }

  async remove(client: ClientName): Promise<Plan> {
    const plan = await this.connector.planRemove(client);
    await this.connector.carryOut(plan);
    return plan;
  }

  write(file: string, content: string | Buffer, mode = 0o644): string {
    const whole = path.join(this.user, file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, content);
    fs.chmodSync(whole, mode);
    return whole;
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.user, file), 'utf8');
  }

  /** Everything under the user's folder but the home: names, links, modes and contents. */
  picture(): Record<string, string> {
    const found: Record<string, string> = {};
    const look = (folder: string): void => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const name = path.join(folder, entry.name);
        if (name === this.home) continue;
        const shown = path.relative(this.user, name);
        if (entry.isSymbolicLink()) found[shown] = `-> ${fs.readlinkSync(name)}`;
        else if (entry.isDirectory()) {
          found[shown] = 'folder';
          look(name);
        } else
          found[shown] = `${(fs.statSync(name).mode & 0o777).toString(8)} ${fs.readFileSync(name).toString('latin1')}`;
      }
    };
    look(this.user);
    return found;
  }

  dispose(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
