export interface Launched {
  readonly home: string;
  /** `parley.js` of the newest version. */
  readonly program: string;
  /** Runtimes of editors that were seen to run it, the latest first. */
  readonly runtimes: readonly string[];
}

/**
 * The launcher for a Unix shell. Client configurations name it, so it outlives versions and editors: it tries the recorded
 * runtimes, then the user's own Node. With the programs gone, hooks end in silence and everything else says so.
 */
export function launcherScript({ home, program, runtimes }: Launched): string {
  return `#!/bin/sh
# Written by Parley; it is written again when Parley or the editor is updated.
program=${quoted(program)}
if [ ! -f "$program" ]; then
  [ "$1" = hook ] && exit 0
  echo "parley: Parley is not installed here any more (there is no $program). Open VS Code with Parley once." >&2
  exit 1
fi
# Hooks run after every tool of an agent: they have a program of their own, which starts faster.
case "$1 $2" in
  hook\\ [a-z]*) [ -f ${quoted(hookProgram(program))} ] && program=${quoted(hookProgram(program))} ;;
esac
PARLEY_HOME="\${PARLEY_HOME:-${doubleQuoted(home)}}"
export PARLEY_HOME
for runtime in ${runtimes.map(quoted).join(' ')}; do
  if [ -x "$runtime" ]; then
    ELECTRON_RUN_AS_NODE=1
    export ELECTRON_RUN_AS_NODE
    exec "$runtime" "$program" "$@"
  fi
done
if command -v node >/dev/null 2>&1; then
  exec node "$program" "$@"
fi
[ "$1" = hook ] && exit 0
echo "parley: the editor that runs Parley was removed, and there is no node on the PATH. Open VS Code with Parley once." >&2
exit 1
`;
}

/** The same for Windows. */
export function windowsLauncher({ home, program, runtimes }: Launched): string {
  const tries = runtimes.map((runtime, index) => `if exist "${batch(runtime)}" goto runtime${index}`);
  const runs = runtimes.map(
    (runtime, index) =>
      `:runtime${index}\r\nset ELECTRON_RUN_AS_NODE=1\r\n"${batch(runtime)}" "${batch(program)}" %*\r\nexit /b %errorlevel%`,
  );
  const lines = [
    '@echo off',
    'rem Written by Parley; it is written again when Parley or the editor is updated.',
    'setlocal',
    `if not exist "${batch(program)}" goto gone`,
    `if not defined PARLEY_HOME set "PARLEY_HOME=${batch(home)}"`,
    ...tries,
    'where node >nul 2>nul && goto node',
    'goto gone',
    ...runs,
    ':node',
    `node "${batch(program)}" %*`,
    'exit /b %errorlevel%',
    ':gone',
    'if "%1"=="hook" exit /b 0',
    'echo parley: Parley is not installed here any more. Open VS Code with Parley once. 1>&2',
    'exit /b 1',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Stands beside `parley.js`. */
function hookProgram(program: string): string {
  return program.replace(/parley\.js$/, 'hook.js');
}

/** A word for the shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** Text inside double quotes and a parameter expansion of the shell. */
function doubleQuoted(text: string): string {
  return text.replace(/[\\"$`}]/g, '\\$&');
}

/** Inside quotes of a batch file only the percent sign is special; a quote cannot be in a path. */
function batch(text: string): string {
  return text.replace(/%/g, '%%').replace(/"/g, '');
}
