import type { IncomingMessage, ServerResponse } from 'node:http';
import { repeat, type After } from '../../mcp/repeat';
import { keepAlive, type StreamEnd } from './eventStream';

/** The request for a handler of the Web's kind, without its body. */
export function webRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The token has been looked at and is nobody else's business.
    if (name === 'authorization' || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request('http://localhost/mcp', { method: request.method ?? 'POST', headers, signal });
}

/** Aborts when the connection goes before the answer was finished: that is how a client of these revisions cancels. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/**
 * Writes a Web response out, as fast as the client takes it. Event streams get a comment now and then.
 * @returns `whole` when everything was taken by the system while the client was connected
 */
export async function writeOut(web: Response, response: ServerResponse, after: After): Promise<StreamEnd> {
  const socket = response.socket;
  response.on('error', () => undefined);
  const ended = new Promise<StreamEnd>((resolve) => {
    response.once('finish', () => resolve(socket?.destroyed === false ? 'whole' : 'broken'));
    response.once('close', () => resolve('broken'));
  });
  const isStream = web.headers.get('content-type')?.startsWith('text/event-stream') === true;
  // The connection is the HTTP server's to keep or close.
  web.headers.delete('connection');
  response.writeHead(web.status, Object.fromEntries(web.headers));
  // What comes from the handler in one piece is one event, so a comment never stands within one.
  const stop = isStream ? repeat(after, keepAlive, () => void response.write(': waiting\n\n')) : undefined;
  if (isStream) response.flushHeaders();
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = web.body?.getReader();
  response.once('close', () => void reader?.cancel().catch(() => undefined));
  try {
    while (reader) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) break;
      if (!response.write(value)) await drained(response);
    }
  } catch {
    response.destroy();
  } finally {
    stop?.();
  }
  response.end();
  return ended;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', () => resolve());
  });
}
