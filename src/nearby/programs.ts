import type { RunningProcess } from './processTable';

/** Programs that run a client's script: the next word that is no flag is the client. */
const runtimes = new Set(['node', 'bun', 'deno']);

/** What a process runs, by the last part of its path: `codex` for `node /usr/bin/codex.js`; empty when nothing is known. */
export function programOf({ command }: Pick<RunningProcess, 'command'>): string {
  const [first = '', ...rest] = command;
  const name = baseName(first);
  if (!runtimes.has(name)) return name;
  const script = rest.find((word) => !word.startsWith('-'));
  return script === undefined ? name : baseName(script);
}

/** Those that run the program, without the ones that only started another of them and wait for it. */
export function running(processes: readonly RunningProcess[], program: string): RunningProcess[] {
  const found = processes.filter((one) => programOf(one) === program);
  return found.filter(({ pid }) => !found.some(({ parent }) => parent === pid));
}

function baseName(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? '';
  return name.replace(/\.(?:exe|cmd|[cm]?js)$/, '');
}
