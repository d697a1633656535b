import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import { ParleyError, toParleyError, type ErrorCode } from '../contract/errors';
import type { Output } from '../contract/operations';
import type { ToolProgress } from '../contract/wire';
import { oneLine } from '../core/text';
import { compose, isToolOperation } from './answers';
import { allowedWait, traitsOf } from './clients';
import type { McpHost } from './host';
import { quoteLine } from './quote';
import { fit, type Fitted } from './text';
import { tools } from './tools';
import type { CallerContext, Plan, Tool } from './toolKit';
import { inputSchema, outputSchema, withoutBlanks } from './toolSchema';

/** One call of a tool, as it came over either era. */
export interface ToolCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly context: CallerContext;
  /** The client's name, where it gave one. */
  readonly client: string | undefined;
  /** The client asked for progress, and gets some while the call waits; and this, which a tool that it uses tells. */
  readonly progress?: ((progress: ToolProgress) => void) | undefined;
  readonly hasProgress: boolean;
}

export interface ToolAnswer {
  readonly result: CallToolResult;
  /** To be confirmed when the result was handed over whole. */
  readonly delivery?: string | undefined;
  /** The refusal that the result tells of. */
  readonly refusal?: ErrorCode | undefined;
}

const listedTextOnly = tools.map(({ name, title, description, input, annotations }) => ({
  name,
  title,
  description,
  inputSchema: inputSchema(input),
  annotations: { title, ...annotations },
}));
const listed = tools.map(({ output }, index) => ({ ...listedTextOnly[index], outputSchema: outputSchema(output) }));
const toolByName = new Map(tools.map((tool) => [tool.name, tool]));

/** The tools as this client is told of them: always in the same order, and the same for everyone who bears them. */
export function listTools(client: string | undefined): typeof listed {
  return (traitsOf(client).textOnly === true ? listedTextOnly : listed) as typeof listed;
}

/** Runs a tool. Never rejects: what goes wrong is a result that says so. */
export async function callTool(
  host: McpHost,
  call: ToolCall,
  onError: ((error: Error) => void) | undefined,
): Promise<ToolAnswer> {
  const tool = toolByName.get(call.name);
  try {
    if (!tool) throw new ParleyError('unknown_operation', { operation: oneLine(call.name).slice(0, 64) });
    const { fitted, delivery } = await run(host, planOf(tool, call), call);
    const content: CallToolResult['content'] = [{ type: 'text', text: fitted.text }];
    const result =
      traitsOf(call.client).textOnly === true ? { content } : { content, structuredContent: fitted.structured };
    return { result, delivery };
  } catch (error) {
    // Nobody hears the end of a wait that was cancelled.
    return refused(error, call.signal.aborted ? undefined : onError);
  }
}

/** What a tool says of how far it is, in a line: its words are its owner's. */
export function progressWords({ text = '', progress }: ToolProgress): string {
  const share = progress === undefined ? '' : `${Math.round(progress * 100)} %`;
  const words = text === '' ? '' : quoteLine(text);
  return [share, words].filter((part) => part !== '').join(' ') || 'waiting';
}

/** Whether a call of this tool may take longer than a moment. */
export function mayWait(name: string): boolean {
  return toolByName.get(name)?.input.shape['wait'] !== undefined;
}

async function run(
  host: McpHost,
  plan: Plan,
  call: ToolCall,
): Promise<{ fitted: Fitted; delivery: string | undefined }> {
  const { operation, otherwise } = plan;
  if (!isToolOperation(operation)) throw new ParleyError('unknown_operation', { operation });
  const input = withWait(plan, call);
  const ask = async (asked: object): Promise<{ fitted: Fitted; delivery: string | undefined }> => {
    const { signal, progress } = call;
    const { output, delivery } = await host.ask(operation, { ...asked }, { signal, ...(progress && { progress }) });
    const fitted = fit(compose(operation, output as Output<typeof operation>, input));
    return { fitted, delivery: fitted.left === 0 ? delivery : undefined };
  };
  try {
    const first = await ask(input);
    // What was not shown must not count as seen: the same again, but only as much as fits. Nothing has moved yet.
    if (first.fitted.left === 0 || (operation !== 'listen' && operation !== 'read')) return first;
    return await ask({ ...input, limit: first.fitted.shown });
  } catch (error) {
    if (!otherwise?.codes.includes(toParleyError(error).code)) throw error;
    return run(host, otherwise.plan, call);
  }
}

function withWait({ input, waits }: Plan, { client, hasProgress }: ToolCall): Record<string, unknown> {
  const asked = typeof input['wait'] === 'number' ? input['wait'] : undefined;
  if (!waits && asked === undefined) return { ...input };
  return { ...input, wait: allowedWait(asked, traitsOf(client), hasProgress) };
}

function planOf(tool: Tool, { args, context }: ToolCall): Plan {
  const parsed = tool.input.safeParse(withoutBlanks(args));
  if (!parsed.success) throw new ParleyError('bad_input', { problem: problemOf(parsed.error) });
  return tool.plan(parsed.data, context);
}

function problemOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => oneLine(path.length === 0 ? message : `${path.join('.')}: ${message}`).slice(0, 200))
    .join('; ');
}

/** An error that a model can act on: the code, and what to do. */
function refused(error: unknown, report: ((error: Error) => void) | undefined): ToolAnswer {
  const { code, facts, message } = toParleyError(error);
  if (code === 'internal' && error instanceof Error) report?.(error);
  const result: CallToolResult = {
    content: [{ type: 'text', text: `${code}: ${message}` }],
    isError: true,
    _meta: { 'parley/error': { code, facts } },
  };
  return { result, refusal: code };
}

/** Which chat a call comes from, where the client says so. */
export function noteOf(meta: Readonly<Record<string, unknown>> | undefined): string | undefined {
  for (const [field, client] of noteFields) {
    const value = meta?.[field];
    if (typeof value === 'string' && value !== '') return `${client}:${oneLine(value).slice(0, 150)}`;
  }
  return undefined;
}

const noteFields = [
  ['vscode.conversationId', 'vscode'],
  ['threadId', 'codex'],
] as const;
