import type { BrokerControl } from './upkeep/brokerControl';
import type { ConnectDesk } from './upkeep/connectDesk';
import type { Controls } from './controls';
import type { InboxDesk } from './trees/inboxDesk';
import type { NearbyDesk } from './nearby/nearbyDesk';
import type { RosterDesk } from './trees/rosterDesk';
import type { ThreadExport } from './trees/threadExport';
import type { CommandName } from './contributions';
import { targetOf } from './window/links';
import type { Target } from './trees/row';
import type { HealthDesk } from './upkeep/healthDesk';
import type { SendDesk } from './send/send';
import type { Setup } from './upkeep/setup';
import type { ShareDesk } from './upkeep/shareDesk';
import { isTooLate, type Telephone } from './ring/telephone';
import type { AgentTerminals } from './standBy/terminals';
import type { ThreadDesk } from './trees/threadDesk';
import type { Uris } from './window/uris';

/**
 * One handler for each command of the table: TypeScript says when one is missing. `args`: what the menu or the link gave, as
 * it came in.
 */
export type Handlers = Readonly<Record<CommandName, (target: Target, args: readonly unknown[]) => Promise<void>>>;

export interface Desks {
  readonly telephone: Telephone;
  readonly controls: Controls;
  readonly roster: RosterDesk;
  readonly nearby: NearbyDesk;
  readonly inbox: InboxDesk;
  readonly threadExport: ThreadExport;
  readonly setup: Setup;
  readonly connect: ConnectDesk;
  readonly broker: BrokerControl;
  readonly health: HealthDesk;
  readonly threads: ThreadDesk;
  readonly send: SendDesk;
  readonly share: ShareDesk;
  readonly terminals: AgentTerminals;
  readonly uris: Uris;
}

export function handlers({
  telephone,
  controls,
  setup,
  connect,
  health,
  broker,
  threads,
  roster,
  nearby,
  inbox,
  threadExport,
  send,
  share,
  terminals,
  uris,
}: Desks): Handlers {
  return {
    callAgent: (target) => telephone.call(target),
    answer: (target) => telephone.answer(target),
    letAgentAnswer: (target) => telephone.letAgentAnswer(target),
    decline: (target) => telephone.decline(target),
    declineWithReason: (target) => telephone.declineWithReason(target),
    later: (target) => telephone.later(target),
    markRead: (target) => inbox.markRead(target),
    markAllRead: () => inbox.markAllRead(),
    doNotDisturb: () => inbox.doNotDisturb(),
    sendMessage: (target) => telephone.message(target),
    openThread: (target) => telephone.openThread(target),
    searchThreads: () => controls.search(),
    inviteToThread: (target) => controls.invite(target),
    transferThread: (target) => controls.transfer(target),
    showInSidebar: (target) => threads.showInSidebar(target),
    openInEditor: (target) => threads.openInEditor(target),
    pauseThread: (target) => controls.pauseThread(target),
    resumeThread: (target) => controls.resumeThread(target),
    grantTurns: (target) => controls.grantTurns(target),
    renameThread: (target) => controls.renameThread(target),
    exportThread: (target) => threadExport.export(target),
    moreArchived: () => controls.moreArchived(),
    endThread: (target) => controls.endThread(target),
    eraseThread: (target) => controls.eraseThread(target),
    filterRoster: () => roster.filter(),
    clearRosterFilter: () => roster.clearFilter(),
    answerFor: (target) => roster.answerFor(target),
    renameAgent: (target) => roster.rename(target),
    disconnectAgent: (target) => roster.disconnect(target),
    copyId: (target) => (target.session === undefined ? roster.copyId(target) : nearby.copyId(target)),
    inviteNearby: (target) => nearby.invite(target),
    connectNearby: (target) => nearby.connectClient(target),
    revealFolder: (target) => nearby.revealFolder(target),
    holdAgent: (target) => controls.hold(target, true),
    releaseAgent: (target) => controls.hold(target, false),
    muteAgent: (target) => controls.mute(target, true),
    unmuteAgent: (target) => controls.mute(target, false),
    setPolicy: (target) => controls.setPolicy(target),
    pauseAll: () => controls.pauseAll(),
    resumeAll: () => controls.resumeAll(),
    setPresence: () => telephone.setPresence(),
    startBroker: () => broker.start(),
    stopBroker: () => broker.stop(),
    showLog: () => setup.showLog(),
    doctor: () => health.doctor(),
    reportIssue: () => health.reportIssue(),
    connectAgent: () => connect.connect(),
    copyMcpConfiguration: () => setup.copyMcpConfiguration(),
    installCommand: () => setup.installCommand(),
    shareServer: () => share.share(),
    stopSharing: (target) => share.stop(target),
    sendSelection: () => send.selection(),
    sendFile: (_, args) => send.files(args),
    sendProblem: (_, args) => send.problem(args),
    sendTerminalSelection: () => send.terminal(),
    askForReview: (_, args) => send.review(args),
    newAgentTerminal: () => terminals.start(),
    showTerminal: (target) => terminals.show(target),
    copyThreadLink: (target) => uris.copyThreadLink(target),
  };
}

/** Runs commands of the table; what fails is told to the person once. */
export function commandRunner(
  table: Handlers,
  onFailure: (error: unknown) => void,
): (name: CommandName, args: readonly unknown[]) => Promise<void> {
  return async (name, args) => {
    try {
      await table[name](targetOf(args[0]), args);
    } catch (error) {
      if (!isTooLate(error)) onFailure(error);
    }
  };
}
