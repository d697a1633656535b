/** A block of a message, as far as tests look at it. */
export interface ModelBlock {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly is_error?: boolean;
  readonly content?: string | readonly ModelBlock[];
}

export interface ModelMessage {
  readonly role: string;
  readonly content: string | readonly ModelBlock[];
}

export interface ModelTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema?: unknown;
  readonly annotations?: unknown;
}

/** A request of the Anthropic Messages API, as far as tests look at it. */
export interface ModelRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly system?: string | readonly ModelBlock[];
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ModelTool[];
}

/** Whether a request is not a turn of the conversation: titles, summaries and probes offer the model no tools. */
export function isAuxiliary(request: ModelRequest): boolean {
  return (request.tools ?? []).length === 0;
}

/** The text of a content, its blocks joined by newlines; tool results count with their text. */
export function textOf(content: string | readonly ModelBlock[] | undefined): string {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.map((block) => block.text ?? textOf(block.content)).join('\n');
}
