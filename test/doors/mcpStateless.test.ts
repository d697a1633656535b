import { afterEach, beforeEach, expect, test } from 'vitest';
import { DoorBench } from './mcpHttp';
import { askStateless } from './mcpStateless';

let bench: DoorBench;
beforeEach(async () => {
  bench = await new DoorBench().start();
});
afterEach(() => bench.stop());

test('discovery names the revision, and every list is answered without a session', async () => {
  const discovered = await askStateless(bench, { method: 'server/discover' });
  expect(discovered.status).toBe(200);
  expect(discovered.messages[0]?.result).toMatchObject({
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, prompts: {}, completions: {}, logging: {}, resources: { subscribe: true } },
  });
  expect(discovered.headers['mcp-session-id']).toBeUndefined();
  for (const [method, list] of [
    ['tools/list', 'tools'],
    ['prompts/list', 'prompts'],
    ['resources/templates/list', 'resourceTemplates'],
  ] as const) {
    const reply = await askStateless(bench, { method });
    expect([method, reply.status]).toEqual([method, 200]);
    expect(reply.messages[0]?.result[list].length).toBeGreaterThan(0);
  }
});
