import { toParleyError, type ErrorCode } from '../contract/errors';
import { oneLine } from '../core/text';

/** JSON-RPC codes for what the protocol itself has words for; everything else that is refused is `-32000`. */
const codes = {
  bad_input: -32602,
  unknown_prompt: -32602,
  internal: -32603,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** As a handler throws it: both SDKs answer with its code, message and data. */
export class ProtocolError extends Error {
  readonly code: number;
  readonly data: object;

  constructor(code: number, message: string, data: object) {
    super(message);
    this.name = 'ProtocolError';
    this.code = code;
    this.data = data;
  }
}

/**
 * Any error as one of the protocol, for what is not a tool.
 * @param notFound the code of the era for a resource that is not there
 */
export function toProtocolError(error: unknown, notFound: number): ProtocolError {
  const { code, facts, message } = toParleyError(error);
  if (code === 'unknown_resource') return new ProtocolError(notFound, message, { code, uri: facts['uri'] ?? '' });
  return new ProtocolError((codes as Partial<Record<ErrorCode, number>>)[code] ?? -32000, message, { code, facts });
}

/**
 * The SDK's answer to parameters that are not as the method's schema says, in the protocol's words: it calls them an internal
 * error and quotes the schema's issues as JSON. Every other error stays what it is.
 */
export function withInvalidParams(error: { readonly code: number; readonly message: string }): {
  readonly code: number;
  readonly message: string;
} {
  if (error.code !== codes.internal || !error.message.startsWith('[')) return error;
  const problem = issuesIn(error.message)
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ');
  return problem === ''
    ? error
    : { code: codes.bad_input, message: `Invalid params: ${oneLine(problem).slice(0, 500)}` };
}

function issuesIn(text: string): { readonly path: readonly unknown[]; readonly message: string }[] {
  try {
    const issues = JSON.parse(text) as readonly { readonly path?: unknown; readonly message?: unknown }[];
    return issues.flatMap(({ path, message }) =>
      Array.isArray(path) && typeof message === 'string' ? [{ path, message }] : [],
    );
  } catch {
    return [];
  }
}
