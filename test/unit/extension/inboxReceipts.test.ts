import { beforeEach, expect, test } from 'vitest';
import { Signal } from '../../../src/extension/disposable';
import { InboxReceipts, type InboxReceiptsOptions } from '../../../src/extension/trees/inboxReceipts';
import type { Picture } from '../../../src/extension/picture';
import { callToYou, picture, TestClock } from './support';

let clock: TestClock;
let confirmed: string[];
let shown: Picture;
let visible: { inbox: boolean; notices: string[] };
let receipts: InboxReceipts;
let atBroker: string[];

const fail = (error: unknown): never => {
  throw error;
};

beforeEach(() => {
  clock = new TestClock();
  confirmed = [];
  visible = { inbox: false, notices: [] };
  shown = picture({ calls: [callToYou('c1', 'ringing'), callToYou('c2', 'missed')] });
  atBroker = ['c1', 'c2'];
  const line = {
    receive: () => Promise.resolve({ output: { calls: atBroker.map((id) => ({ id })) }, delivery: 'd1' }),
    confirm: (deliveries: string[]) => Promise.resolve(void confirmed.push(...deliveries)),
  } as unknown as InboxReceiptsOptions['line'];
  receipts = new InboxReceipts({
    line,
    lookout: {
      pictures: new Signal<Picture>(fail),
      get picture() {
        return shown;
      },
    },
    clock,
    isInboxSeen: () => visible.inbox,
    isNoticeSeen: (call) => visible.notices.includes(call),
    onError: fail,
  });
});

test('calls count as seen when the Inbox was visible for a second', async () => {
  visible.inbox = true;
  receipts.look();
  await clock.pass(999);
  expect(confirmed).toEqual([]);
  await clock.pass(1);
  expect(confirmed).toEqual(['d1']);
  receipts.look();
  await clock.pass(5000);
  expect(confirmed).toEqual(['d1']);
});

test('a glance of less than a second is no sight', async () => {
  visible.inbox = true;
  receipts.look();
  await clock.pass(500);
  visible.inbox = false;
  receipts.look();
  await clock.pass(5000);
  expect(confirmed).toEqual([]);
});

test('a notification shows its own call, not those beside it', async () => {
  visible.notices = ['c1'];
  receipts.look();
  await clock.pass(5000);
  expect(confirmed).toEqual([]);
  visible.notices = ['c1', 'c2'];
  receipts.look();
  await clock.pass(1000);
  expect(confirmed).toEqual(['d1']);
});

test('a call that came while the broker was asked is not taken for seen', async () => {
  visible.inbox = true;
  atBroker = ['c1', 'c2', 'c3'];
  receipts.look();
  await clock.pass(1000);
  expect(confirmed).toEqual([]);
});
