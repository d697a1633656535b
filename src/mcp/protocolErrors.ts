import { toParleyError, type ErrorCode } from '../contract/errors';

/** JSON-RPC codes for what the protocol itself has words for; everything else that is refused is `-32000`. */
const codes: Partial<Record<ErrorCode, number>> = {
  bad_input: -32602,
  unknown_prompt: -32602,
  internal: -32603,
};

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
  return new ProtocolError(codes[code] ?? -32000, message, { code, facts });
}
