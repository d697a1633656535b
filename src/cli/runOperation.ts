import type { Readable } from 'node:stream';
import { ParleyError } from '../contract/errors';
import type { Client } from '../client/client';
import { defaultLimits } from '../core/limits';
import type { OperationName, Output } from '../contract/operations';
import type { OperationCommand } from './commands';
import { checkInput } from './flags';
import { inboxText } from './inbox';
import { renderers } from './render';
import type { Session } from './session';
import { plainJson, type Terminal } from './terminal';
import { withWholeIds } from './wholeIds';

/** Runs a command that is one operation, and shows its answer. What was shown counts as seen once it was taken whole. */
export async function runOperation(session: Session, command: OperationCommand, given: object): Promise<void> {
  const { operation } = command;
  const names = Object.fromEntries((command.positional ?? []).map(({ field, name }) => [field, `<${name}>`]));
  const input = checkInput(operation, { ...given, ...command.preset }, names);
  const { token } = session.speaker();
  await session.with(await session.connect(token), async (client) => {
    const { signal } = session.options;
    // `checkInput` has made it what the operation takes.
    const whole = await withWholeIds(client, operation, input);
    const answer = await client.receive(operation, whole, { signal });
    const text = await shown(session, command, answer.output, client);
    if (text !== '') await session.print(text);
    if (answer.delivery !== undefined) await client.confirm([answer.delivery]);
  });
}

async function shown(session: Session, command: OperationCommand, output: object, client: Client): Promise<string> {
  if (session.isJson) return plainJson(output);
  if (command.jsonLines !== undefined) {
    return (output as Output<'listen'>)[command.jsonLines].map((event) => plainJson(event)).join('\n');
  }
  if (command.operation === 'inbox') return inboxText(session.terminal, client, output as Output<'inbox'>);
  return rendered(session.terminal, command.operation, output);
}

/** The answer for a person; JSON for an operation that has no text of its own. */
export function rendered(terminal: Terminal, operation: OperationName, output: object): string {
  // The table pairs each name with the renderer of its own output; the union of all cannot be told to the compiler.
  const render = renderers[operation] as ((terminal: Terminal, output: object) => string) | undefined;
  return render ? render(terminal, output) : plainJson(output);
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
