import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Client } from '../client/client';
import { systemClock } from '../client/clock';
import { homeOf } from '../client/home';
import { IdentityStore, readAdminToken } from '../client/identityStore';
import { machineProcesses } from '../client/processes';
import type { Autostart } from '../client/starter';
import { BrokerControl } from '../extension/upkeep/brokerControl';
import { ChatRinger, chatRingerName } from '../extension/ring/chatRinger';
import { ConnectDesk } from '../extension/upkeep/connectDesk';
import { commandRunner, handlers } from '../extension/commands';
import { Controls } from '../extension/controls';
import { ConversationView, followSelection } from '../extension/thread/conversationView';
import { Drafts } from '../extension/thread/drafts';
import { EditorQuestions } from '../extension/thread/editorQuestions';
import { PlaceFiles } from '../extension/thread/placeFiles';
import { ThreadDesk } from '../extension/trees/threadDesk';
import { Owned } from '../extension/disposable';
import { VscodeWindow } from '../extension/window/editorWindow';
import { showFailure } from '../extension/failures';
import type { Answering, Trees } from '../extension/frontDesk';
import { Lookout } from '../extension/lookout';
import { HealthDesk } from '../extension/upkeep/healthDesk';
import { grantWakes } from '../extension/ring/mayWake';
import { EditorActions } from '../extension/thread/pageActions';
import { InboxDesk } from '../extension/trees/inboxDesk';
import { NearbyAround } from '../extension/nearby/nearbyAround';
import { NearbyDesk } from '../extension/nearby/nearbyDesk';
import { nearbyOccasions } from '../extension/nearby/nearbyOccasions';
import { nameOf } from '../extension/picture';
import { plain } from '../extension/plain';
import { installPrograms, type Programs } from '../extension/upkeep/programs';
import { Prompts } from '../extension/prompts';
import { ReadOnlyTexts } from '../extension/thread/readOnlyTexts';
import { QuietSetting } from '../extension/ring/quietSetting';
import { RosterDesk } from '../extension/trees/rosterDesk';
import { chooseHome, Settings } from '../extension/settings';
import { Setup } from '../extension/upkeep/setup';
import { Telephone } from '../extension/ring/telephone';
import { ThreadExport } from '../extension/trees/threadExport';
import { ThreadPanels } from '../extension/thread/threadPanels';
import { Views } from '../extension/trees/views';
import { WindowAgent } from '../extension/window/windowAgent';
import { windowCard } from '../extension/window/windowCard';
import { windowTools } from '../extension/window/windowTools';
import { Windows } from '../extension/window/windows';
import { tongue, words } from '../extension/words';

import { editorDesks } from './extensionEditor';
import { watchRings } from './extensionRings';
import { standByDesk } from './extensionStandBy';
import { offerTools } from './extensionTools';

declare const PARLEY_VERSION: string;
declare const PARLEY_BUILD: number;

const edition = { version: PARLEY_VERSION, build: PARLEY_BUILD };

/** What a window of Parley is made from. */
export interface Opening {
  readonly context: vscode.ExtensionContext;
  readonly trees: Trees;
  readonly log: vscode.LogOutputChannel;
  /** What activation took, in milliseconds. */
  readonly registered: number;
}

/** Everything that a window has of Parley. */
export interface ParleyWindow {
  readonly answering: Answering;
  close(): Promise<void>;
}

/** Opens the window, or nothing of it: when something throws on the way, what was opened by then is closed before it rejects. */
export async function openWindow(opening: Opening): Promise<ParleyWindow> {
  tongue.speak(vscode.env.language, vscode.l10n.bundle);
  const home = chooseHome(process.env, new Settings().home);
  const owned = new Owned();
  const windows = new Windows(home, process.pid);
  const close = async (): Promise<void> => {
    try {
      owned.dispose();
    } finally {
      await windows.remove();
    }
  };
  try {
    return { answering: await furnish(opening, home, owned, windows), close };
  } catch (error) {
    await close().catch((failure: unknown) => opening.log.error(String(failure)));
    throw error;
  }
}

async function furnish(
  { context, trees, log, registered }: Opening,
  home: string,
  owned: Owned,
  windows: Windows,
): Promise<Answering> {
  const began = performance.now();
  const onError = (error: unknown): void => log.error(error instanceof Error ? error : String(error));
  const settings = new Settings();
  // First of all: where opening hangs, the log says with which home.
  log.info(`opening with the home ${home}`);
  const programs = await placePrograms(context, home, onError);
  shareWithTerminals(context, home, programs.bin);

  const autostart: Autostart = { program: path.join(programs.folder, 'broker.js'), env: process.env, ...edition };
  const connection = { home, client: 'parley-vscode', version: PARLEY_VERSION };
  const asPerson = { ...connection, token: () => readAdminToken(home) };
  const person = new Client({
    ...asPerson,
    present: true,
    ring: (request) => standBy.ring(request),
    autostart: () => (settings.autoStart ? autostart : undefined),
  });
  owned.ending(() => person.close());
  let logged = '';
  owned.ending(
    person.onState((state) => {
      const now = 'error' in state ? `${state.kind}, ${state.error.code}` : state.kind;
      if (now !== logged) log.info(`broker: ${now}`);
      logged = now;
    }),
  );
  const control = new BrokerControl(person, { ...asPerson, autostart });

  const agent = owned.own(
    new WindowAgent({
      connection,
      store: new IdentityStore(home),
      memory: {
        get: () => context.workspaceState.get<string>('agent'),
        set: async (id) => context.workspaceState.update('agent', id),
      },
      card: () => windowCard(settings.agentName),
      tools: windowTools(new VscodeWindow()),
      ringer: { name: chatRingerName, ring: (request) => new ChatRinger().ring(request) },
      clock: systemClock,
      mayTry: () => maySignOn(),
      onError,
      onSeatTaken: (name) => void vscode.window.showInformationMessage(words.told.seatTaken(name)),
    }),
  );
  const ownAgent = (): string | undefined => agent.identity?.id;
  const folders = (): string[] => (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const lookout = owned.own(
    new Lookout({ line: person, clock: systemClock, disturb: () => settings.disturb, ownAgent, folders, onError }),
  );
  owned.own(agent.changes.on(() => lookout.refresh()));
  owned.own(
    lookout.events.on((event) => {
      // A window's own claims are told where they are made; one window tells of the others.
      if (event.type !== 'seat' || event.program === connection.client || !vscode.window.state.focused) return;
      const name = plain.toast(nameOf(lookout.picture, event.agent), 40);
      void vscode.window.showInformationMessage(words.told.secondClaim(name, plain.toast(event.program, 40)));
    }),
  );

  const prompts = new Prompts(() => lookout.picture);
  const openThread = (thread: string): void => threads.open(thread);
  const controls = new Controls({ line: person, lookout, prompts, openThread });
  const files = new PlaceFiles((id) => lookout.picture.agents.get(id)?.workspace);
  const page = {
    extension: context.extensionUri,
    line: person,
    lookout,
    clock: systemClock,
    actions: owned.own(
      new EditorActions({
        startBroker: () => control.start(),
        invite: (thread) => controls.invite({ thread }),
        transfer: (thread) => controls.transfer({ thread }),
        files,
      }),
    ),
    questions: owned.own(new EditorQuestions({ picture: () => lookout.picture, files, clock: systemClock, onError })),
    drafts: new Drafts({
      get: () => context.workspaceState.get('drafts'),
      set: (drafts) => context.workspaceState.update('drafts', drafts),
    }),
    onError,
  };
  const conversation = owned.own(new ConversationView(page, context.workspaceState));
  const panels = owned.own(new ThreadPanels(page));
  const threads = new ThreadDesk(panels, conversation, prompts, () => settings.threadsInSidebar);
  const around = owned.own(
    new NearbyAround({
      home,
      store: new IdentityStore(home),
      // Until the broker has said who is there, everybody that this home knows is taken to be.
      isOnRoster: (id) => lookout.picture.broker.state !== 'connected' || lookout.picture.agents.has(id),
      clock: systemClock,
      env: process.env,
      userFolder: homedir(),
    }),
  );
  owned.own(nearbyOccasions(around, lookout));
  const views = owned.own(
    new Views({
      trees,
      lookout,
      line: person,
      nearby: around,
      clock: systemClock,
      onDrawn: ({ milliseconds, rows }) => log.trace(`drew ${rows} rows in ${milliseconds.toFixed(2)} ms`),
    }),
  );
  const roster = new RosterDesk({ line: person, lookout, prompts, views, openThread });
  const inbox = new InboxDesk({ line: person, lookout, prompts, clock: systemClock });
  const threadExport = new ThreadExport({ line: person, lookout, prompts });
  const quietSetting = owned.own(
    new QuietSetting({
      line: person,
      hours: () => settings.quietHours,
      onError: (error) => showFailure(error, log),
    }),
  );
  for (const tree of [trees.threads, trees.inbox]) owned.own(followSelection(tree.view, conversation));
  const telephone = new Telephone(person, lookout, prompts, openThread);
  const setup = new Setup({ home, launcher: () => programs.launcher, prompts, log });
  const texts = owned.own(new ReadOnlyTexts());
  const connect = new ConnectDesk({ home, launcher: () => programs.launcher, prompts, texts });
  const nearby = new NearbyDesk({
    around,
    prompts,
    connect: (client) => connect.connect(client),
    launcher: () => programs.launcher,
    clock: systemClock,
    env: process.env,
  });
  const health = new HealthDesk({
    patient: {
      home,
      launcher: programs.launcher,
      env: process.env,
      userFolder: homedir(),
      platform: process.platform,
      version: PARLEY_VERSION,
      clock: systemClock,
      processes: machineProcesses(),
      autostart,
      personToken: asPerson.token,
    },
    placePrograms: async () => {
      await placePrograms(context, home, onError);
    },
    connect: (client) => connect.connect(client),
    prompts,
    texts,
    bundle: vscode.l10n.bundle ?? {},
    onError: (error) => showFailure(error, log),
  });
  const editor = editorDesks(owned, {
    home,
    launcher: () => programs.launcher,
    extension: context.extension.id,
    line: person,
    lookout,
    prompts,
    telephone,
    connect,
    openThread,
    onFailure: (error) => showFailure(error, log),
  });
  const desks = {
    ...editor,
    telephone,
    controls,
    roster,
    nearby,
    inbox,
    threadExport,
    setup,
    connect,
    health,
    broker: control,
    threads,
  };

  watchRings(owned, { windows, lookout, person, telephone, inbox: trees.inbox.view, onError });
  owned.own(grantWakes({ line: person, lookout, mayWake: () => settings.chatMayWake, ownAgent, onError }));
  const tools = offerTools(owned, { home, person, agent });
  const standBy = standByDesk(owned, {
    home,
    person,
    lookout,
    settings,
    terminals: editor.terminals,
    isOurs: (folder) => windows.isOurs(folder),
    log: (text) => log.info(text),
    onError,
  });

  // Nothing of an untrusted workspace runs, and its agent is given no tools.
  const maySignOn = (): boolean => vscode.workspace.isTrusted && person.state.kind === 'connected';
  const signOn = (): void => {
    if (maySignOn()) agent.signOn().catch(onError);
  };
  owned.ending(person.onState(signOn));
  owned.own(vscode.workspace.onDidGrantWorkspaceTrust(signOn));
  const describe = (): void => void agent.describe().catch(onError);
  owned.own(vscode.workspace.onDidChangeWorkspaceFolders(describe));
  owned.own(
    settings.onChange(() => {
      lookout.refresh();
      quietSetting.look();
      agent.rename().catch((error: unknown) => showFailure(error, log));
    }),
  );
  signOn();
  const took = Math.round(performance.now() - began);
  log.info(`Parley ${PARLEY_VERSION} activated in ${Math.round(registered)} ms, ready in ${took}`);
  return {
    run: commandRunner(handlers(desks), (error) => showFailure(error, log)),
    conversation,
    panels,
    links: editor.uris,
    tools,
  };
}

/** Programs in the home outlive this version of the extension. Where the home cannot be written, our own folder has to do. */
async function placePrograms(
  context: vscode.ExtensionContext,
  home: string,
  onError: (error: unknown) => void,
): Promise<Programs> {
  const source = context.asAbsolutePath('dist');
  try {
    return await installPrograms({ source, home, edition, runtime: process.execPath });
  } catch (error) {
    onError(error);
    const bin = path.join(home, 'bin');
    return { folder: source, bin, launcher: path.join(bin, 'parley') };
  }
}

/** Terminals find the command, and the home when it is not where everyone looks. */
function shareWithTerminals(context: vscode.ExtensionContext, home: string, bin: string): void {
  const variables = context.environmentVariableCollection;
  variables.description = words.terminals;
  variables.prepend('PATH', `${bin}${path.delimiter}`);
  if (home === homeOf({ HOME: process.env['HOME'], USERPROFILE: process.env['USERPROFILE'] }))
    variables.delete('PARLEY_HOME');
  else variables.replace('PARLEY_HOME', home);
}
