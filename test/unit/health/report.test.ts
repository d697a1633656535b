import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../../src/health/examine';
import { issueReport } from '../../../src/health/report';
import { Ward } from './ward';

let ward: Ward;
beforeEach(() => void (ward = new Ward()));
afterEach(() => ward.dispose());

/** Marks that must not leave, and where each of them stands. */
const secret = 'zanzibar';
const tokens = ['tok3nA', 'tok3nB'];

/** A home in which everything that has a name, a content or a token has one that would be seen. */
function confide(): void {
  const log = (more: object): string =>
    `${JSON.stringify({ level: 'info', time: '2026-11-21T10:11:12.000Z', ...more })}\n`;
  ward.write('.parley/admin.token', tokens[0] ?? '');
  ward.write(
    `.parley/identities/${secret}.json`,
    JSON.stringify({ id: 'N', name: secret, token: tokens[1], sessions: [secret], savedAt: 1 }),
    0o644,
  );
  ward.write('.parley/settings.json', JSON.stringify({ person: secret, durability: secret }));
  ward.write(
    '.parley/broker.json',
    JSON.stringify({
      pid: 1,
      processStart: secret,
      startedAt: 1,
      socket: `/tmp/${secret}.sock`,
      version: secret,
      build: 1,
      protocol: 1,
      epoch: 1,
    }),
  );
  ward.write('.parley/lock', JSON.stringify({ pid: 1, host: secret }));
  ward.write('.parley/journal/1.log', secret);
  ward.write('.parley/state.db', secret);
  ward.write('.parley/manifest.json', secret);
  ward.write(
    '.parley/logs/broker.log',
    log({ msg: secret, error: `Could not replace ${ward.user}` }) +
      log({ code: 'storage_full', msg: secret }) +
      log({ code: secret, msg: 'x' }) +
      log({ code: 'storage_busy', facts: { name: secret, token: tokens[0] } }),
  );
  ward.write(
    '.parley/logs/start.log',
    `${secret}\n{"code":"home_too_new","facts":{"a":"${secret}"},"message":"${secret}"}\n`,
  );
  ward.write('.claude.json', `{"mcpServers": {"parley": {"command": "${secret}"}}, "key": "${tokens[0]}"`);
  ward.write('.codex/config.toml', `[mcp_servers.parley]\ncommand = "${secret}"\n`);
  ward.launch(`echo ${secret}`, `echo ${secret} >&2`, 'exit 3');
}

describe('the report of an issue', () => {
  it('says how things stand, and nothing of what was said, who says it, where, or with which token', async () => {
    confide();
    const patient = ward.patient({ env: { PATH: '/usr/bin:/bin', USER: secret }, personToken: () => tokens[0] });
    const findings = await examine(patient);
    // The doctor itself sees the secrets: the report is what leaves them out.
    expect(JSON.stringify(findings)).toContain(secret);
    const report = issueReport(patient, findings, { Editor: 'Code 1.2.3' });
    for (const mark of [secret, ...tokens, ward.root, ward.user, path.basename(ward.root)])
      expect(report).not.toContain(mark);
    expect(report).not.toMatch(/[/\\](?:tmp|home|Users|root)\b/);

    expect(report).toMatch(/^- Parley: 1\.0\.0, protocol \d+$/m);
    expect(report).toContain('- Editor: Code 1.2.3');
    expect(report).toContain('| settings | fail |  |');
    expect(report.match(/`[a-z_]+`/g)).toEqual(['`home_too_new`', '`storage_full`', '`storage_busy`']);
  });

  it('is the same kind of report for a home that is well, or not there', async () => {
    const patient = ward.patient();
    const report = issueReport(patient, await examine(patient));
    expect(report).toContain('| permissions | ok | yours alone |');
    expect(report).toContain('No error stands in the logs.');
    fs.rmSync(ward.home, { recursive: true });
    expect(issueReport(patient, await examine(patient))).toContain('| home | warn |  |');
  });
});
