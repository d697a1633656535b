import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchBroker, makeHome } from './home';
import { goal, line, table } from './report';
import { usedHome } from './start';

/** Most that a broker with an empty home may take when nobody is connected, in MiB. */
const mostMemory = 80;
/** When it is looked, in seconds after the start. */
const looks = [2, 10, 30];

/** Resident memory of brokers to which nobody is connected. */
export async function memory(): Promise<void> {
  line('Broker memory: resident, nobody connected, in MiB, by seconds since its start.\n');
  const homes = [
    { name: 'empty home', home: await makeHome('fsync') },
    { name: 'home with 100,000 messages', home: await usedHome() },
  ];
  const rows: string[][] = [];
  let idle = NaN;
  for (const { name, home } of homes) {
    const { broker, client } = await BenchBroker.start(home);
    client.close();
    const found: number[] = [];
    let at = 0;
    for (const look of looks) {
      await pause((look - at) * 1000);
      at = look;
      found.push(residentMiB(broker.server.pid));
    }
    await broker.stop();
    if (home === homes[0]?.home) idle = Math.max(...found);
    rows.push([name, ...found.map((size) => size.toFixed(1))]);
  }
  table(['', ...looks.map((look) => `${look} s`)], rows);
  goal('idle, empty home, the most of these', idle, mostMemory, 'MiB');
}

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) / 1024;
}
