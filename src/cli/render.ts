import type { OperationName, Output } from '../contract/operations';
import type { ListenEvent, WaitingView } from '../contract/views';
import * as pieces from './pieces';
import { plain, styled, type Terminal } from './terminal';

type Renderer<N extends OperationName> = (terminal: Terminal, output: Output<N>) => string;
type Renderers = { readonly [N in OperationName]?: Renderer<N> };

const { lines } = pieces;

function events(terminal: Terminal, all: readonly ListenEvent[]): string {
  return all.map((one) => pieces.event(terminal, one)).join('\n');
}

function close(terminal: Terminal, waiting: WaitingView): string {
  return pieces.waiting(terminal, waiting);
}

const sent: Renderer<'send' | 'message'> = (terminal, output) =>
  lines(
    `Said. ${pieces.receipts(terminal, output.receipts)}`.trimEnd(),
    pieces.threadHint(terminal, output.message.thread),
    events(terminal, output.events),
    close(terminal, output.waiting),
  );

/** What a person reads, for each operation that the command line has. That of `inbox` asks for more: `inboxText`. */
export const renderers: Renderers = {
  register: (terminal, output) => `You are ${pieces.profile(terminal, output.agent)}`,
  profile: (terminal, output) => lines(pieces.profile(terminal, output.agent), close(terminal, output.waiting)),
  who: (terminal, output) => lines(pieces.roster(terminal, output.agents, output.you), close(terminal, output.waiting)),
  call: (terminal, output) =>
    lines(pieces.placedCall(terminal, output.call), events(terminal, output.events), close(terminal, output.waiting)),
  cancel: (terminal, output) => lines(pieces.placedCall(terminal, output.call), close(terminal, output.waiting)),
  answer: (terminal, output) => {
    const { call, thread, ringBack } = output;
    const topic = `"${plain(call.topic)}"`;
    const from = styled(terminal, 'bold', plain(call.fromName));
    const declined = call.to.some(({ state }) => state === 'declined');
    const outcome =
      ringBack !== undefined
        ? `Ringing ${from} back about ${topic}.`
        : thread !== undefined
          ? `You talk with ${from} about ${topic}.`
          : declined
            ? `Declined: ${from} about ${topic}.`
            : `Left for later: ${from} about ${topic}.`;
    return lines(
      outcome,
      thread === undefined ? '' : pieces.threadHint(terminal, thread),
      ...output.messages.map((one) => pieces.message(terminal, one)),
      events(terminal, output.events),
      close(terminal, output.waiting),
    );
  },
  send: sent,
  message: sent,
  listen: (terminal, output) =>
    lines(
      events(terminal, output.events),
      output.events.length === 0 ? 'Nothing new.' : '',
      output.more === 0 ? '' : pieces.hint(terminal, `${output.more} more`),
    ),
  read: (terminal, output) =>
    lines(
      pieces.threadLine(terminal, output.thread),
      ...output.messages.map((one) => pieces.message(terminal, one)),
      output.more === 0 ? '' : pieces.hint(terminal, `${output.more} more messages`),
    ),
  threads: (terminal, output) =>
    output.threads.length === 0
      ? 'No threads.'
      : output.threads.map((one) => pieces.threadLine(terminal, one)).join('\n'),
  leave: (terminal, output) =>
    lines(
      output.closed ? 'You left; the thread is archived.' : 'You left.',
      pieces.threadHint(terminal, output.thread),
      close(terminal, output.waiting),
    ),
};
