import type { IncomingMessage, ServerResponse } from 'node:http';
import { ParleyError, errorTexts, say, toParleyError } from '../contract/errors';

/** The token of `Authorization: Bearer`, if there is one. */
export function bearerOf(request: IncomingMessage): string | undefined {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}

const localHosts = new Set(['localhost', '127.0.0.1', '[::1]', '']);

/**
 * Host must name this machine, and Origin must be absent or this very server: no other page in a browser has business
 * here. Host stops names that were rebound to loopback, Origin stops pages of other sites, those of other servers on this
 * machine included; neither replaces the token.
 * @throws `forbidden`
 */
export function checkHostAndOrigin(request: IncomingMessage): void {
  const authority = (request.headers.host ?? '').toLowerCase();
  const host = authority.replace(/:\d+$/, '');
  if (!localHosts.has(host)) throw new ParleyError('forbidden', { needs: 'a program on this machine (Host)' });
  const { origin } = request.headers;
  if (origin !== undefined && (host === '' || origin.toLowerCase() !== `http://${authority}`))
    throw new ParleyError('forbidden', { needs: 'a program that is not a web page (Origin)' });
}

/** Answers an error as JSON, with what to do. */
export function answerError(response: ServerResponse, error: unknown): void {
  const { code, facts } = toParleyError(error);
  const body = JSON.stringify({ error: { code, facts, message: say(code, facts) } });
  response.writeHead(errorTexts[code].status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
