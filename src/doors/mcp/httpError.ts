import { errorTexts, toParleyError, type ErrorCode } from '../../contract/errors';

/** Answers other than 2xx, beside the statuses of the error codes. */
export class HttpError extends Error {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.body = body ?? { jsonrpc: '2.0', id: null, error: { code: -32000, message } };
    this.headers = headers;
  }
}

/** Codes of JSON-RPC for what JSON-RPC itself has words for. */
const rpcCodes: Partial<Record<ErrorCode, number>> = { bad_input: -32600, internal: -32603 };

/** Any error as an answer over HTTP. `onInternal` is told what callers are not. */
export function toHttpError(error: unknown, onInternal: (cause: unknown) => void): HttpError {
  if (error instanceof HttpError) return error;
  const known = toParleyError(error);
  const { code, facts, message } = known;
  if (code === 'internal') onInternal(known.cause);
  const rpc = rpcCodes[code] ?? -32000;
  const body = { jsonrpc: '2.0', id: null, error: { code: rpc, message, data: { code, facts } } };
  return new HttpError(errorTexts[code].status, message, body);
}
