import { ParleyError } from '../contract/errors';
import type { ShareView } from '../contract/operations/shares';
import type { Session } from './session';
import { clockTime, plain, styled, table, type Cell, type Terminal } from './terminal';

export interface ShareFlags {
  readonly env?: readonly string[];
  readonly folder?: string;
  readonly url?: string;
  readonly header?: readonly string[];
}

/** Shares a server: a program with its arguments, or what is behind a url. */
export async function addShare(
  session: Session,
  name: string,
  command: readonly string[],
  flags: ShareFlags,
): Promise<void> {
  const { env = [], folder, url, header = [] } = flags;
  const wish = {
    name,
    ...(command.length > 0 && { command: [...command] }),
    ...(folder !== undefined && { folder }),
    ...(url !== undefined && { url }),
    ...(env.length > 0 && { environment: pairsOf(env, '=', session.options.env) }),
    ...(header.length > 0 && { headers: pairsOf(header, ':') }),
  };
  await session.with(await session.connect(session.personToken()), async (client) => {
    const { share } = await client.ask('share', wish);
    if (session.isJson) await session.printJson({ share });
    else await session.print(`${rows(session.terminal, [share])}\nIts tools: parley tools ${plain(share.name)}`);
  });
}

/** The servers that are shared, a row each. */
export async function listShares(session: Session): Promise<void> {
  await session.with(await session.connect(session.personToken()), async (client) => {
    const { shares } = await client.ask('shares', {});
    if (session.isJson) await session.printJson({ shares });
    else await session.print(shares.length === 0 ? 'No server is shared.' : rows(session.terminal, shares));
  });
}

/** Shares a server no more. */
export async function removeShare(session: Session, name: string): Promise<void> {
  await session.with(await session.connect(session.personToken()), async (client) => {
    await client.ask('unshare', { name: name.replace(/^@/, '') });
    if (session.isJson) await session.printJson({ name });
    else await session.print(`${plain(name)} is shared no more.`);
  });
}

/** `NAME=VALUE`, or `NAME` alone for what the variable is here. @throws `bad_input` */
function pairsOf(given: readonly string[], between: '=' | ':', here: NodeJS.ProcessEnv = {}): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf(between);
      const [name, value] = at < 0 ? [one, here[one]] : [one.slice(0, at), one.slice(at + 1).trim()];
      if (name === '' || value === undefined)
        throw new ParleyError('bad_input', { problem: `"${name}" has no value: write NAME${between}VALUE` });
      return [name.trim(), value];
    }),
  );
}

function rows(terminal: Terminal, shares: readonly ShareView[]): string {
  const list = table(
    terminal,
    shares.map((one): Cell[] => [
      [plain(one.name), 'bold'],
      [one.state, one.state === 'running' ? 'green' : 'yellow'],
      [one.tools === 1 ? '1 tool' : `${one.tools} tools`],
      [plain(one.command?.join(' ') ?? one.url ?? ''), 'dim'],
    ]),
  );
  const notes = shares.flatMap((one) => [
    ...(one.problem === undefined
      ? []
      : [`${plain(one.name)}: ${plain(one.problem)}; started again ${again(terminal, one)}`]),
    ...(one.leftOut ?? []).map(({ name, problem }) => `${plain(one.name)}: without ${plain(name)}: ${plain(problem)}`),
  ]);
  return [list, ...notes.map((note) => styled(terminal, 'dim', note))].join('\n');
}

function again(terminal: Terminal, { retryAt }: ShareView): string {
  return retryAt === undefined ? 'soon' : `at ${clockTime(terminal.now, retryAt)}`;
}
