import type {
  AgentView,
  CallView,
  ListenEvent,
  MessageView,
  ThreadView,
  WaitingView,
} from '../../../src/contract/views';
import type { TaskView } from '../../../src/contract/taskViews';

/** Views as the broker would make them, for tests; each may be changed in part. */
export const nothingWaits: WaitingView = { unread: 0, calls: 0, ringing: 0 };

export function messageOf(changes: Partial<MessageView> = {}): MessageView {
  return {
    id: '01MESSAGE',
    thread: '01THREAD',
    from: '01NOVA',
    fromName: 'Nova',
    fromPlatform: 'Claude Code',
    fromKind: 'agent',
    type: 'message',
    content: 'hello',
    refs: [],
    seq: 2,
    timestamp: 1000,
    receipts: [],
    ...changes,
  };
}

export function callOf(changes: Partial<CallView> = {}): CallView {
  return {
    id: '01CALL',
    from: '01NOVA',
    fromName: 'Nova',
    fromPlatform: 'Claude Code',
    topic: 'Review',
    urgency: 'next',
    refs: [],
    placedAt: 1000,
    to: [{ agent: '01ATLAS', name: 'Atlas', state: 'ringing' }],
    ...changes,
  };
}

export function agentOf(changes: Partial<AgentView> = {}): AgentView {
  return {
    id: '01NOVA',
    name: 'Nova',
    kind: 'agent',
    presence: 'available',
    lastSeen: 1000,
    reach: { state: 'wakes', ringer: 'claude-inbox', milliseconds: 59 },
    description: 'Reviews code',
    capabilities: ['review'],
    platform: 'Claude Code',
    version: '2.1',
    workspace: '/w/app',
    files: [],
    policy: 'ring',
    inCallWith: [],
    ...changes,
  };
}

export function threadOf(changes: Partial<ThreadView> = {}): ThreadView {
  return {
    id: '01THREAD',
    topic: 'Review',
    mode: 'live',
    state: 'open',
    home: '01BROKER',
    participants: [
      { agent: '01NOVA', name: 'Nova', platform: 'Claude Code', kind: 'agent', left: false },
      { agent: '01ATLAS', name: 'Atlas', platform: '', kind: 'agent', left: true },
    ],
    openedAt: 1000,
    lastAt: 2000,
    messages: 2,
    unread: 1,
    isOpen: false,
    turns: 'free',
    ...changes,
  };
}

export function heard(changes: Partial<MessageView> = {}): ListenEvent {
  return { what: 'message', offset: 7, at: 1000, topic: 'Review', message: messageOf(changes) };
}

export function taskOf(changes: Partial<TaskView> = {}): TaskView {
  return {
    id: '01TASK',
    title: 'Tests',
    refs: [],
    from: '01ATLAS',
    fromName: 'Atlas',
    to: '01NOVA',
    toName: 'Nova',
    state: 'failed',
    offered: false,
    fence: 1,
    retriesLeft: 0,
    createdAt: 1000,
    changedAt: 2000,
    ...changes,
  };
}
