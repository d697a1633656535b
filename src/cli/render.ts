import type { OperationName, Output } from '../contract/operations';
import { aroundHere, profile, roster, rule } from './agentPieces';
import { pastCalls, quiet } from './rosterPieces';
import { placedCall } from './callPieces';
import { counted, hint, lines, quote, threadHint, waiting } from './pieces';
import { searchHits } from './storePieces';
import { history, offeredTask, task, taskTable, toolRules, tools } from './taskPieces';
import { plain, plainJson, shortId, styled, type Terminal } from './terminal';
import { events, message, receipt, receipts, threadLine } from './threadPieces';

type Renderer<N extends OperationName> = (
  terminal: Terminal,
  output: Output<N>,
  input: Readonly<Record<string, unknown>>,
) => string;
type Renderers = { readonly [N in OperationName]?: Renderer<N> };

const sent: Renderer<'send' | 'message'> = (terminal, output) =>
  lines(
    `Said. ${output.nobodyElse === true ? 'Nobody else is in the room yet.' : receipts(terminal, output.receipts)}`.trimEnd(),
    threadHint(terminal, output.message.thread),
    events(terminal, output.events),
    waiting(terminal, output.waiting),
  );

const placed: Renderer<'call' | 'invite' | 'match'> = (terminal, output) =>
  lines(placedCall(terminal, output.call), events(terminal, output.events), waiting(terminal, output.waiting));

const changedThread: Renderer<'rename' | 'pause' | 'resume' | 'grant'> = (terminal, output) =>
  lines(threadLine(terminal, output.thread), waiting(terminal, output.waiting));

const changedTask: Renderer<'delegate' | 'report'> = (terminal, output) =>
  lines(task(terminal, output.task), events(terminal, output.events), waiting(terminal, output.waiting));

const everything: Renderer<'pauseAll' | 'resumeAll'> = (terminal, output) =>
  lines(
    output.paused
      ? 'Everything is paused: nothing rings, nobody is woken. It goes on with parley resume-all.'
      : 'Everything goes on.',
    waiting(terminal, { ...output.waiting, paused: undefined }),
  );

/** What a person reads, for each operation that the command line has. That of `inbox` asks for more: `inboxText`. */
const renderers: Renderers = {
  register: (terminal, output) => `You are ${profile(terminal, output.agent)}`,
  profile: (terminal, output) => lines(profile(terminal, output.agent), waiting(terminal, output.waiting)),
  who: (terminal, { agents, you, nearby = [], moreNearby, waiting: waits }, input) => {
    const [only] = agents;
    const shown =
      input['agent'] !== undefined && only
        ? profile(terminal, only)
        : roster(terminal, agents, you, input['topic'] !== undefined);
    return lines(shown, aroundHere(terminal, nearby, moreNearby), waiting(terminal, waits));
  },
  call: placed,
  invite: placed,
  match: placed,
  transfer: (terminal, output) =>
    lines(
      `You left "${plain(output.thread.topic)}".`,
      placedCall(terminal, output.call),
      waiting(terminal, output.waiting),
    ),
  cancel: (terminal, output) => lines(placedCall(terminal, output.call), waiting(terminal, output.waiting)),
  answer: (terminal, output) =>
    lines(
      answered(terminal, output),
      output.thread === undefined ? '' : threadHint(terminal, output.thread),
      ...output.messages.map((one) => message(terminal, one)),
      events(terminal, output.events),
      waiting(terminal, output.waiting),
    ),
  send: sent,
  message: sent,
  broadcast: (terminal, output) =>
    lines(
      output.sent.length === 0 ? 'Nobody was there to hear it.' : `Said to ${output.sent.length}.`,
      hint(
        terminal,
        output.sent.map((one) => (one.receipt ? receipt(one.receipt) : `${plain(one.name)}: stored`)).join(' · '),
      ),
      ...output.refused.map((one) => styled(terminal, 'red', `  ${plain(one.name)}: ${plain(one.text)}`)),
      waiting(terminal, output.waiting),
    ),
  listen: (terminal, output) =>
    lines(
      events(terminal, output.events),
      output.events.length === 0 ? 'Nothing new.' : '',
      output.more === 0 ? '' : hint(terminal, `${output.more} more`),
    ),
  read: (terminal, output) =>
    lines(
      threadLine(terminal, output.thread),
      ...output.messages.map((one) => message(terminal, one)),
      output.more === 0 ? '' : hint(terminal, `${output.more} more messages`),
    ),
  threads: (terminal, output) =>
    output.threads.length === 0 ? 'No threads.' : output.threads.map((one) => threadLine(terminal, one)).join('\n'),
  leave: (terminal, output, input) => {
    const who = typeof input['agent'] === 'string' ? `${plain(input['agent'])} was taken out` : 'You left';
    return lines(
      input['close'] === true
        ? 'The thread is archived.'
        : output.closed
          ? `${who}; the thread is archived.`
          : `${who}.`,
      threadHint(terminal, output.thread),
      waiting(terminal, output.waiting),
    );
  },
  open: (terminal, output) =>
    lines(
      threadLine(terminal, output.thread),
      ...output.calls.map((one) => placedCall(terminal, one)),
      output.thread.isOpen ? hint(terminal, `others come in by: parley join ${shortId(output.thread.id)}`) : '',
      waiting(terminal, output.waiting),
    ),
  join: (terminal, output) =>
    lines(
      threadLine(terminal, output.thread),
      output.more === 0 ? '' : hint(terminal, `${output.more} earlier: parley read ${shortId(output.thread.id)}`),
      ...output.messages.map((one) => message(terminal, one)),
      waiting(terminal, output.waiting),
    ),
  rename: changedThread,
  pause: changedThread,
  resume: changedThread,
  grant: changedThread,
  delegate: changedTask,
  report: changedTask,
  cancelTask: (terminal, output) => lines(task(terminal, output.task), waiting(terminal, output.waiting)),
  tasks: (terminal, output) =>
    lines(
      output.tasks.length === 0 ? 'No tasks.' : taskTable(terminal, output.tasks),
      output.more === 0 ? '' : hint(terminal, `${output.more} more`),
      waiting(terminal, output.waiting),
    ),
  task: (terminal, output) =>
    lines(offeredTask(terminal, output.task), history(terminal, output.history), waiting(terminal, output.waiting)),
  tools: (terminal, output, input) =>
    lines(tools(terminal, output.tools, input['agent']), waiting(terminal, output.waiting)),
  useTool: (terminal, { result, isError, task: became, waiting: waits }) =>
    lines(
      isError ? styled(terminal, 'red', 'The tool says that it failed.') : '',
      result.content === '' ? '' : quote(terminal, result.content),
      result.structured === undefined ? '' : quote(terminal, JSON.stringify(result.structured, null, 2)),
      became === undefined ? '' : task(terminal, became),
      waiting(terminal, waits),
    ),
  allowTool: (terminal, output) => lines(toolRules(terminal, output.rules), waiting(terminal, output.waiting)),
  govern: (terminal, output) =>
    lines(rule(terminal, output.agent?.name ?? 'everyone', output.rule), waiting(terminal, output.waiting)),
  renameAgent: (terminal, output) => lines(profile(terminal, output.agent), waiting(terminal, output.waiting)),
  disconnect: (terminal, output) => lines(`${plain(output.agent)} is signed off.`, waiting(terminal, output.waiting)),
  pastCalls: (terminal, output, input) => pastCalls(terminal, output.calls, input['agent']),
  doNotDisturb: (terminal, output) => lines(quiet(terminal, output.doNotDisturb), waiting(terminal, output.waiting)),
  pauseAll: everything,
  resumeAll: everything,
  search: searchHits,
  erase: (_terminal, output) =>
    `Erased: ${counted(output.messages, 'message') || 'no message'} of ${plain(output.thread)}.`,
};

function answered(terminal: Terminal, { call, task: one, thread, ringBack }: Output<'answer'>): string {
  if (!call) return one === undefined ? '' : task(terminal, one);
  const topic = `"${plain(call.topic)}"`;
  const from = styled(terminal, 'bold', plain(call.fromName));
  if (ringBack !== undefined) return `Ringing ${from} back about ${topic}.`;
  // Who invited may have left with it, and others are there: the lines below say who.
  if (thread !== undefined && call.into !== undefined) return `You are in the thread about ${topic} now.`;
  if (thread !== undefined) return `You talk with ${from} about ${topic}.`;
  if (call.to.some(({ state }) => state === 'declined')) return `Declined: ${from} about ${topic}.`;
  return `Left for later: ${from} about ${topic}.`;
}

/** The answer for a person; JSON for an operation that has no text of its own. */
export function rendered(
  terminal: Terminal,
  operation: OperationName,
  output: object,
  input: Readonly<Record<string, unknown>> = {},
): string {
  // The table pairs each name with the renderer of its own output; the union of all cannot be told to the compiler.
  const render = renderers[operation] as
    ((terminal: Terminal, output: object, input: Readonly<Record<string, unknown>>) => string) | undefined;
  return render ? render(terminal, output, input) : plainJson(output);
}
