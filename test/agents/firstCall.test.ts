import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { homeFiles } from '../../src/contract/home';
import type { AgentView, MessageView } from '../../src/contract/views';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { startClaudeCodeInTerminal, type TerminalClaude } from '../support/claudeCode';
import { equipment } from '../support/provision';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';
import { startWorkbench, type Workbench } from '../support/workbench';
import { agentOptions, askAgent, enableAutoApprove } from '../support/workbenchAgent';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/**
 * The test that counts. All parts are real: VS Code with Parley from its VSIX and its own agent mode, Chromium as the
 * person, Claude Code idle in a terminal of that VS Code. Only the models are scripted, and each of their steps waits until
 * the test has looked at the stage before it. The broker is the real one with a clock that can be turned.
 */

/** What a wake, a turn and a redraw may take together on a busy machine, in milliseconds. */
const patience = 30_000;
const topic = 'Review my auth middleware';

let programs: string;
let model: ScriptedModel;
let broker: BrokerProcess;
let workbench: Workbench;
let window: WorkbenchWindow;
let person: Client;
let claude: TerminalClaude;
/** The models of VS Code's own agent and of Claude Code. */
let atlas: Brain;
let nova: Brain;
/** VS Code's agent has a name of its own: found on the roster. */
let atlasName = '';

keepEvidence(() => workbench);

beforeAll(async () => {
  // Newer than the VSIX, which therefore leaves this broker alone, and starts none of its own in between.
  const edition = { version: '0.1.0', build: 9e15 };
  programs = await bundlePrograms(edition, ['clock-broker', 'index-worker']);
  broker = new BrokerProcess(programs, temporaryHome({ person: 'Alex' }), equipment.node, 'clock-broker');
  writeFileSync(path.join(broker.home, homeFiles.newest), JSON.stringify(edition));
  broker.turnClock(0);
  await broker.start();
  person = await broker.person();
  model = await startScriptedModel();
  atlas = model.brain('atlas');
  nova = model.brain('nova');
  workbench = await startWorkbench({
    vsix: equipment.vsix,
    env: { PARLEY_HOME: broker.home },
    ...agentOptions(atlas),
  });
  window = workbench.window;
  await window.openContainer('Parley');
}, 180_000);

afterAll(async () => {
  await claude?.stop();
  await workbench?.stop();
  await model?.stop();
  await broker?.dispose();
  await rm(programs, { recursive: true, force: true });
}, 60_000);

async function onRoster(name: string): Promise<AgentView | undefined> {
  return (await person.ask('who', {})).agents.find((agent) => agent.name === name);
}

/** Waits until the person's Roster shows the agent like this. */
async function rosterShows(name: string, words: RegExp): Promise<void> {
  const row = window.row(new RegExp(`^${name}, `));
  let shown = '';
  await until(
    `the roster to show ${name} as ${words}`,
    async () => {
      shown = (await row.first().getAttribute('aria-label')) ?? '';
      return words.test(shown);
    },
    patience,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it shows "${shown}"`, { cause: error });
  });
}

async function thread(): Promise<{ messages: MessageView[]; state: string; id: string }> {
  const { threads } = await person.ask('threads', {});
  const found = threads.find((one) => one.topic === topic);
  if (!found) throw new Error(`no thread about "${topic}"`);
  const { messages, thread: view } = await person.ask('read', { thread: found.id, limit: 200 });
  return { messages, state: view.state, id: found.id };
}

/** The receipts of everything said so far, as `who said it: words → state`. */
async function receipts(): Promise<string[]> {
  const { messages } = await thread();
  return messages
    .filter((message) => message.type === 'message')
    .map(
      (message) =>
        `${message.fromName === atlasName ? 'Atlas' : message.fromName}: ${message.content} → ${message.receipts.map((one) => one.state).join(' ')}`,
    );
}

async function receiptsBecome(expected: string[]): Promise<void> {
  let seen: string[] = [];
  await until(
    'the receipts',
    async () => {
      seen = await receipts();
      return JSON.stringify(seen) === JSON.stringify(expected);
    },
    patience,
  ).catch(() => undefined);
  expect(seen).toEqual(expected);
}

/** What the thread view shows, message by message. */
async function shownMessages(): Promise<string[]> {
  return window.webview().locator('.content .markdown').allInnerTexts();
}

describe('one call through all of it', () => {
  it(
    'has both agents on the roster: VS Code’s own, and Claude Code idle in a terminal',
    { timeout: 180_000 },
    async () => {
      mkdirSync(path.join(broker.home, 'bin'), { recursive: true });
      claude = await startClaudeCodeInTerminal(window, {
        brain: nova,
        allowedTools: ['mcp__parley__*'],
        mcpServers: {
          parley: {
            command: path.join(broker.home, 'bin/parley'),
            args: ['mcp'],
            env: { PARLEY_HOME: broker.home, PARLEY_AGENT: 'Nova' },
            alwaysLoad: true,
          },
        },
      });
      await until('Claude Code to be idle', async () => (await claude.session())?.status === 'idle', patience);
      await until('Nova on the roster', async () => (await onRoster('Nova'))?.reach.state === 'wakes', patience);
      const own = await until(
        'VS Code’s own agent on the roster',
        async () => {
          const { agents } = await person.ask('who', {});
          return agents.find((agent) => agent.platform === 'VS Code' && agent.kind === 'agent');
        },
        patience,
      );
      expect(own.presence).toBe('available');
      atlasName = own.name;
      expect(await onRoster('Nova')).toMatchObject({ platform: 'Claude Code', presence: 'available' });
      await window.openContainer('Parley');
      await rosterShows('Nova', /available/);
      await rosterShows(atlasName, /available/);
      expect(await window.badge('Parley')).toBe('');
      await window.screenshot('first-call-1-roster');
    },
  );

  it(
    'is placed by VS Code’s agent mode and rings Claude Code, idle, through its inbox',
    { timeout: 120_000 },
    async () => {
      await askAgent(window, 'Ask Nova to review my auth middleware');
      const asked = await atlas.nextRequest();
      expect(asked.tools.map((tool) => tool.name)).toContain('mcp_parley_call');
      await asked.callTool('mcp_parley_call', {
        to: 'Nova',
        topic,
        message: 'The JWT check fails on expired tokens.',
        wait: 100,
      });
      await enableAutoApprove(window);
      const rung = await nova.nextRequest();
      expect(rung.news).toContain(`${atlasName} (VS Code) is calling you`);
      expect(rung.news).toContain(topic);
      await rosterShows('Nova', /ringing/);
      const { call } = (await until('the call', async () => {
        const records = (await person.ask('who', { agent: 'Nova' })).agents;
        return records[0]?.presence === 'ringing' && { call: records[0] };
      })) as { call: AgentView };
      expect(call.name).toBe('Nova');
      await window.screenshot('first-call-2-ringing');
      await rung.callTool('mcp__parley__answer', { answer: 'accept' });
    },
  );

  it('goes back and forth, each message once, in order and with its receipt', { timeout: 180_000 }, async () => {
    const answered = await nova.nextRequest();
    expect(answered.toolResults[0]?.text).toContain('The JWT check fails on expired tokens.');
    await receiptsBecome(['Atlas: The JWT check fails on expired tokens. → seen']);
    await answered.callTool('mcp__parley__send', { text: 'You compare seconds with milliseconds.', wait: 100 });
    const heard = await atlas.nextRequest();
    expect(heard.toolResults[0]?.text).toContain('You compare seconds with milliseconds.');
    await rosterShows('Nova', /in a call/);
    await rosterShows(atlasName, /in a call/);
    await receiptsBecome([
      'Atlas: The JWT check fails on expired tokens. → answered',
      'Nova: You compare seconds with milliseconds. → seen',
    ]);
    await window.row(new RegExp(topic)).last().click();
    await until('the thread view', async () => (await shownMessages()).length === 2, patience);

    await heard.callTool('mcp_parley_send', { text: 'That was it. Should the clock skew be configurable?', wait: 100 });
    const second = await nova.nextRequest();
    expect(second.toolResults[0]?.text).toContain('Should the clock skew be configurable?');
    await receiptsBecome([
      'Atlas: The JWT check fails on expired tokens. → answered',
      'Nova: You compare seconds with milliseconds. → answered',
      'Atlas: That was it. Should the clock skew be configurable? → seen',
    ]);
    await second.callTool('mcp__parley__send', { text: '60 seconds, fixed.', wait: 100 });

    const third = await atlas.nextRequest();
    expect(third.toolResults[0]?.text).toContain('60 seconds, fixed.');
    await third.callTool('mcp_parley_send', { text: 'Done and tested.', wait: 100 });
    const fourth = await nova.nextRequest();
    await fourth.callTool('mcp__parley__send', { text: 'Then I am off.', wait: 0 });
    const fifth = await nova.nextRequest();
    await receiptsBecome([
      'Atlas: The JWT check fails on expired tokens. → answered',
      'Nova: You compare seconds with milliseconds. → answered',
      'Atlas: That was it. Should the clock skew be configurable? → answered',
      'Nova: 60 seconds, fixed. → answered',
      'Atlas: Done and tested. → answered',
      'Nova: Then I am off. → seen',
    ]);
    await until('all six in the view', async () => (await shownMessages()).length === 6, patience);
    expect(await shownMessages()).toEqual([
      'The JWT check fails on expired tokens.',
      'You compare seconds with milliseconds.',
      'That was it. Should the clock skew be configurable?',
      '60 seconds, fixed.',
      'Done and tested.',
      'Then I am off.',
    ]);
    await window.screenshot('first-call-3-talking');
    const goodbye = await atlas.nextRequest();
    await fifth.callTool('mcp__parley__leave', {});
    await (await nova.nextRequest()).say('Reviewed.');
    await goodbye.say('Nova says: 60 seconds, fixed.');
    await rosterShows('Nova', /available/);
    await rosterShows(atlasName, /available/);
    expect((await thread()).state).toBe('closed');
    await until(
      'the view to say that it is archived',
      async () =>
        (await window
          .webview()
          .getByText(/archived/i)
          .count()) > 0,
      patience,
    );
    await window.screenshot('first-call-4-archived');
  });

  it(
    'is there after the broker was killed, and both agents are back as themselves within 5 s',
    { timeout: 120_000 },
    async () => {
      const before = await thread();
      const ids = [(await onRoster('Nova'))?.id, (await onRoster(atlasName))?.id];
      await broker.end('SIGKILL');
      const began = Date.now();
      await broker.comeBack();
      await until(
        'both agents to be back',
        async () => {
          const there = [await onRoster('Nova'), await onRoster(atlasName)];
          return (
            there.every((agent) => agent?.presence === 'available') &&
            there.map((agent) => agent?.id).join() === ids.join()
          );
        },
        patience,
      );
      const took = Date.now() - began;
      console.log(`both back ${took} ms after the start of the broker`);
      expect(took).toBeLessThan(5000);
      expect(await thread()).toEqual(before);
      await rosterShows('Nova', /available/);
      await window.screenshot('first-call-5-back');
    },
  );
});

describe('calls to the person', () => {
  let echo: Client;

  beforeAll(async () => {
    echo = await broker.agent('Echo');
  });

  it('ring in the window and are declined from the notification', { timeout: 90_000 }, async () => {
    // Registered a moment ago: the ring must know its name all the same.
    const waiting = echo.ask('call', { to: 'Alex', topic: 'Lunch?', wait: 60 });
    await window
      .notification(/Echo.*is calling you/)
      .first()
      .waitFor({ timeout: patience });
    await until('the badge', async () => (await window.badge('Parley')) === '1', patience);
    await window.statusItem(/Echo is calling/).waitFor({ timeout: patience });
    await window.screenshot('person-1-ring');
    await window.answerNotification(/Echo.*is calling you/, 'Decline');
    const { events } = await waiting;
    expect(events).toMatchObject([{ what: 'outcome', outcome: 'declined', agent: 'Alex' }]);
    await until('the badge to go', async () => (await window.badge('Parley')) === '', patience);
  });

  it(
    'that nobody answers wait in the inbox, and open an async thread an hour later',
    { timeout: 120_000 },
    async () => {
      const { call } = await echo.ask('call', { to: 'Alex', topic: 'Whenever you can', message: 'Which port is it?' });
      await window
        .notification(/Echo.*is calling you/)
        .first()
        .waitFor({ timeout: patience });
      broker.turnClock(46_000);
      await until(
        'the call to be missed',
        async () => (await person.ask('inbox', {})).calls[0]?.to[0]?.state === 'missed',
        patience,
      );
      await until(
        'the ring to end',
        async () => (await window.notification(/Echo.*is calling you/).count()) === 0,
        patience,
      );
      await window.row(/Echo called you/).waitFor({ timeout: patience });
      expect(await window.badge('Parley')).toBe('1');
      await window.screenshot('person-2-missed');
      echo.close();
      await until('Echo to be away', async () => (await onRoster('Echo'))?.presence === 'offline', patience);
      broker.turnClock(46_000 + 3_600_000);
      await window.rowAction(/Echo called you/, 'Answer');
      const opened = await until('the thread', async () => {
        const { threads } = await person.ask('threads', { state: 'open' });
        return threads.find((one) => one.topic === 'Whenever you can');
      });
      expect(opened).toMatchObject({ mode: 'async', state: 'open' });
      expect(opened.participants.map((one) => one.name).sort()).toEqual(['Alex', 'Echo']);
      expect(opened.call?.id).toBe(call.id);
      await until('its words in the view', async () => (await shownMessages()).includes('Which port is it?'), patience);
      await until('the badge to go', async () => (await window.badge('Parley')) === '', patience);
      await window.screenshot('person-3-async');
    },
  );
});

describe('a call to an agent whose permission prompt is open', () => {
  it(
    'is held, says so on the roster and to the caller, and is answered once the person has decided',
    { timeout: 150_000 },
    async () => {
      const sage = await broker.agent('Sage');
      await window.page.locator('.terminal-wrapper.active .xterm textarea').first().focus();
      await window.page.keyboard.type('touch a file');
      await window.page.keyboard.press('Enter');
      await (await nova.nextRequest()).callTool('Bash', { command: 'touch permitted', description: 'Touches a file' });
      await until('the permission prompt', async () => (await claude.session())?.status === 'waiting', patience);
      const { call } = await sage.ask('call', { to: 'Nova', topic: 'Are you free?' });
      const held = await until('the receipt', async () => {
        const again = await sage.ask('who', { agent: 'Nova' });
        return again.agents[0]?.reach.state === 'waits-for-permission' && again.agents[0];
      });
      expect(held.presence).toBe('ringing');
      await window.openContainer('Parley');
      await rosterShows('Nova', /waits for your permission/);
      await window.screenshot('permission-1-held');
      await window.page.locator('.terminal-wrapper.active .xterm textarea').first().focus();
      await window.page.keyboard.press('Escape');
      await until('the prompt to go', async () => (await claude.session())?.status !== 'waiting', patience);
      await sage.ask('cancel', { call: call.id });
      sage.close();
    },
  );
});
