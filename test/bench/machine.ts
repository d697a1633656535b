import { statfs } from 'node:fs/promises';
import * as os from 'node:os';

/** The file systems that people have, by the number that Linux gives them. */
const fileSystems: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x9123683e: 'btrfs',
  0x58465342: 'xfs',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlay',
  0x2fc12fc1: 'zfs',
};

/** What was measured on: one line each. */
export async function machine(): Promise<string[]> {
  const [cpu] = os.cpus();
  const { type } = await statfs(os.tmpdir());
  const memory = (os.totalmem() / 2 ** 30).toFixed(1);
  const load = os.loadavg()[0]?.toFixed(2) ?? '?';
  return [
    `${os.cpus().length} × ${cpu?.model ?? '?'}, ${memory} GiB, ${os.type()} ${os.release()} ${os.arch()}, ` +
      `Node ${process.versions.node}, homes on ${fileSystems[type] ?? `file system ${type.toString(16)}`}`,
    `${new Date().toISOString()}, load ${load} at the start. Other work on the machine shows in p99 first: run it alone.`,
  ];
}
