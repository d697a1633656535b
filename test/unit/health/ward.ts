import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { systemClock } from '../../../src/client/clock';
import { checks, examine } from '../../../src/health/examine';
import type { Finding, Hands, Patient } from '../../../src/health/finding';

/** A user's folder with a home in it, which the doctor looks at. */
export class Ward {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-ward-'));
  readonly user = path.join(this.root, 'user');
  readonly home = path.join(this.user, '.parley');
  readonly launcher = path.join(this.home, 'bin', 'parley');
  readonly hands: { -readonly [Name in keyof Hands]: Hands[Name] } = {};

  constructor() {
    fs.mkdirSync(this.home, { recursive: true, mode: 0o700 });
  }

  patient(more: Partial<Patient> = {}): Patient {
    return {
      home: this.home,
      launcher: this.launcher,
      env: { PATH: '/usr/bin:/bin' },
      userFolder: this.user,
      platform: 'linux',
      version: '1.0.0',
      clock: systemClock,
      processes: { self: 2, parent: 1, look: () => undefined, isAlive: () => false },
      autostart: { program: '/nowhere/broker.js', env: {} },
      personToken: () => undefined,
      hands: this.hands,
      ...more,
    };
  }

  /** What this check finds. */
  async find(id: string, more: Partial<Patient> = {}): Promise<Finding> {
    const table = checks.filter((check) => check.id === id);
    const [finding] = await examine(this.patient(more), undefined, table);
    if (!finding) throw new Error(`no check ${id}`);
    return finding;
  }

  /** Writes a file of the user's, with the folders above it. */
  write(file: string, content: string | Buffer, mode = 0o600): string {
    const whole = path.join(this.user, file);
    fs.mkdirSync(path.dirname(whole), { recursive: true, mode: 0o700 });
    fs.writeFileSync(whole, content);
    fs.chmodSync(whole, mode);
    return whole;
  }

  /** A launcher that runs these lines of the shell. */
  launch(...lines: string[]): void {
    this.write('.parley/bin/parley', `#!/bin/sh\n${lines.join('\n')}\n`, 0o755);
  }

  dispose(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
