import type { Readable } from 'node:stream';
import { ParleyError, toParleyError } from '../contract/errors';
import type { Client } from '../client/client';
import { defaultLimits } from '../core/limits';
import { operations, type OperationName, type Output } from '../contract/operations';
import type { Given, OperationCommand } from './commands/command';
import { checkInput } from './flags';
import { inboxText } from './inbox';
import { rendered } from './render';
import { sqlRows } from './storePieces';
import type { Session } from './session';
import { plainJson } from './terminal';
import { withPlainNames, withWholeIds } from './wholeIds';

/** Exit code of a tool that says itself that it failed. */
const toolFailed = 1;

/**
 * Runs a command that is one operation, and shows its answer. What was shown counts as seen once it was taken whole.
 * Returns the exit code.
 */
export async function runOperation(session: Session, command: OperationCommand, given: Given): Promise<number> {
  const { operation, otherwise } = command;
  const names = Object.fromEntries((command.positional ?? []).map(({ field, name }) => [field, `<${name}>`]));
  const shaped = { ...(command.shape ? command.shape(given) : given), ...command.preset };
  const input = checkInput(operation, withPlainNames(shaped), names);
  // Who registered an agent in this terminal is still the person.
  const token = operations[operation].permission === 'admin' ? session.personToken() : session.speaker().token;
  return session.with(await session.connect(token), async (client) => {
    const whole = await withWholeIds(client, operation, input);
    try {
      return await runOne(session, client, command, operation, whole);
    } catch (error) {
      if (!otherwise?.codes.includes(toParleyError(error).code)) throw error;
      return runOne(session, client, command, otherwise.operation, otherwise.shape({ ...whole })).catch(
        (second: unknown) => {
          // Neither: what the command says first is what it says.
          throw otherwise.unknown === toParleyError(second).code ? error : second;
        },
      );
    }
  });
}

async function runOne(
  session: Session,
  client: Client,
  command: OperationCommand,
  operation: OperationName,
  input: object,
): Promise<number> {
  const { signal } = session.options;
  // `checkInput` has made it what the operation takes.
  const answer = await client.receive(operation, input, { signal });
  if (operation === 'profile' || operation === 'renameAgent')
    session.store.keepName((answer.output as Output<'profile' | 'renameAgent'>).agent);
  const text = await shown(session, command, operation, answer.output, input, client);
  if (text !== '') await session.print(text);
  if (answer.delivery !== undefined) await client.confirm([answer.delivery]);
  return operation === 'useTool' && (answer.output as Output<'useTool'>).isError ? toolFailed : 0;
}

async function shown(
  session: Session,
  command: OperationCommand,
  operation: OperationName,
  output: object,
  input: object,
  client: Client,
): Promise<string> {
  if (session.isJson) return plainJson(output);
  if (command.jsonLines !== undefined) {
    return (output as Output<'listen'>)[command.jsonLines].map((event) => plainJson(event)).join('\n');
  }
  if (operation === 'sql') {
    return sqlRows(session.terminal, output as Output<'sql'>, session.options.stdout.isTTY !== true);
  }
  if (operation === 'inbox') return inboxText(session.terminal, client, output as Output<'inbox'>);
  return rendered(session.terminal, operation, output, { ...input });
}

/** All that stands on the stream. @throws `message_too_long` before more than a message may have is kept */
export async function readAll(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    const buffer = Buffer.from(part as Uint8Array | string);
    bytes += buffer.length;
    if (bytes > defaultLimits.messageBytes) {
      throw new ParleyError('message_too_long', { bytes, limit: defaultLimits.messageBytes });
    }
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString('utf8').replace(/\n$/, '');
}
