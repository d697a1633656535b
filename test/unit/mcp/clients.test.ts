import { expect, test } from 'vitest';
import { ownEnvironment, platformOf } from '../../../src/bridge/bridgedClient';
import { allowedWait, traitsOf } from '../../../src/mcp/clients';
import { eraOf, unsupportedEra } from '../../../src/mcp/era';
import { formatRef, parseRef } from '../../../src/mcp/refs';
import { repeat } from '../../../src/mcp/repeat';
import { ManualTimers } from './manualTimers';

test('a wait is what was asked for, 25 s when nothing was, and never more than the client bears', () => {
  expect(allowedWait(undefined, traitsOf('unheard of'), false)).toBe(25);
  expect(allowedWait(600, traitsOf('unheard of'), true)).toBe(50);
  expect(allowedWait(600, traitsOf(undefined), false)).toBe(50);
  expect(allowedWait(0, traitsOf('claude-code'), false)).toBe(0);
  expect(allowedWait(600, traitsOf('constructor'), false)).toBe(50);
});

test('where progress extends the client’s limit, a wait with progress may be longer', () => {
  expect(allowedWait(200, traitsOf('opencode'), false)).toBe(50);
  expect(allowedWait(200, traitsOf('opencode'), true)).toBe(200);
  expect(allowedWait(200, traitsOf('codex-mcp-client'), true)).toBe(50);
});

test.each([
  [{ method: 'initialize', params: {} }, 'session'],
  [{ method: 'tools/call', params: { _meta: { progressToken: 1 } } }, 'session'],
  [[{ method: 'ping' }], 'session'],
  [null, 'session'],
  ['x', 'session'],
  [{ method: 'server/discover' }, 'stateless'],
  [
    { method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } } },
    'stateless',
  ],
])('%j is of the %s era', (message, era) => {
  expect(eraOf(message).era).toBe(era);
});

test('the other era is told which revisions are spoken, under its own id', () => {
  expect(unsupportedEra({ id: 7 }, '2026-07-28')).toMatchObject({
    id: 7,
    error: {
      code: -32022,
      data: { requested: '2026-07-28', supported: expect.arrayContaining(['2025-11-25']) as unknown },
    },
  });
  expect(unsupportedEra({ id: { x: 1 } }, '')).toMatchObject({ id: null });
});

test.each([
  ['/w/a.ts', { uri: 'file:///w/a.ts' }],
  ['/w/a.ts:3', { uri: 'file:///w/a.ts', range: { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } } }],
  [
    '/w/a b.ts:3-9',
    { uri: 'file:///w/a%20b.ts', range: { start: { line: 2, character: 0 }, end: { line: 9, character: 0 } } },
  ],
  ['https://x.test/y', { uri: 'https://x.test/y' }],
])('the ref %s is read, and written the same again', (text, ref) => {
  expect(parseRef(text)).toEqual(ref);
  expect(formatRef(parseRef(text))).toBe(text);
});

test('lines that make no sense become one that does', () => {
  expect(parseRef('/a:0')).toEqual(parseRef('/a:1'));
  expect(parseRef('/a:9-3')).toEqual(parseRef('/a:9'));
});

test('a client keeps its own variables and loses those of the client whose terminal started it', () => {
  const env = { CLAUDE_CODE_SESSION_ID: 's', CLAUDECODE: '1', OPENCODE_PID: '3', PATH: '/bin', GEMINI_API_KEY: 'x' };
  expect(ownEnvironment('opencode', env)).toEqual({ OPENCODE_PID: '3', PATH: '/bin' });
  expect(ownEnvironment('claude-code', env)).toEqual({ CLAUDE_CODE_SESSION_ID: 's', CLAUDECODE: '1', PATH: '/bin' });
  expect(ownEnvironment('toString', env)).toEqual(env);
  expect(platformOf('toString')).toBeUndefined();
});

test('a repetition goes on until it is stopped, also from within', () => {
  const timers = new ManualTimers();
  let count = 0;
  const stop = repeat(timers.after, 10, () => {
    if (++count === 3) stop();
  });
  timers.advance(100);
  expect(count).toBe(3);
  expect(timers.waiting).toBe(0);
});
