import type { IncomingMessage } from 'node:http';
import { ParleyError } from '../../contract/errors';
import type { After } from '../../mcp/repeat';
import { HttpError } from './httpError';

/**
 * A request's body as JSON.
 * @throws `too_large` beyond `limit` bytes, declared or sent; `bad_input` for another type, and when it does not come within
 * `timeout` milliseconds; the same with JSON-RPC's own code for what is not UTF-8 or not JSON
 */
export async function readJson(
  request: IncomingMessage,
  { limit, timeout, after }: { readonly limit: number; readonly timeout: number; readonly after: After },
): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/json') throw bad('Content-Type must be application/json');
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw bad('Content-Encoding is not supported');
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new ParleyError('too_large', { limit });
  const bytes = await readBytes(request, limit, timeout, after);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw notJson();
  }
}

function readBytes(request: IncomingMessage, limit: number, timeout: number, after: After): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const cancel = after(timeout, () => done(bad('the body did not come in time')));
    const done = (error?: Error): void => {
      cancel();
      request.removeAllListeners('data');
      if (error) reject(error);
      else resolve(Buffer.concat(chunks));
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) done(new ParleyError('too_large', { limit }));
      else chunks.push(chunk);
    });
    request.once('end', () => done());
    request.once('error', () => done(bad('the body broke off')));
    request.once('close', () => done(request.complete ? undefined : bad('the body broke off')));
  });
}

function notJson(): HttpError {
  const { code, facts, message } = bad('the body is not JSON in UTF-8');
  const error = { code: parseError, message, data: { code, facts } };
  return new HttpError(400, message, { jsonrpc: '2.0', id: null, error });
}

/** JSON-RPC 2.0, section 5.1. */
const parseError = -32700;

const bad = (problem: string): ParleyError => new ParleyError('bad_input', { problem });
