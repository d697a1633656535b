import { describe, expect, test } from 'vitest';
import type { ReceiptView } from '../../../src/contract/views';
import { summarise } from '../../../src/ui/receipts';
import { Times } from '../../../src/ui/times';

const start = Date.UTC(2026, 10, 21, 9, 41, 0);
const context = { you: 'me', now: start + 20_000, closed: false, times: new Times('en', 'UTC') };

function receipt(name: string, state: ReceiptView['state'], more: Partial<ReceiptView> = {}): ReceiptView {
  return { agent: name, name, state, at: start + 8_000, ...more };
}

function line(receipts: readonly ReceiptView[], closed = false): string {
  return summarise(receipts, { ...context, closed })
    .parts.map(({ word, rest }) => word + rest)
    .join(' · ');
}

describe('the receipts of a message for one recipient read', () => {
  test.each([
    ['stored', 'stored, not yet rung · 12 s'],
    ['rung', 'rung, not yet seen · 12 s'],
    ['seen', 'seen by Nova 9:41:08'],
    ['answered', 'answered by Nova 9:41:08'],
    ['refused', 'refused by Nova'],
    ['expired', 'expired, never seen by Nova'],
  ] as const)('%s as "%s"', (state, text) => {
    expect(line([receipt('Nova', state)])).toBe(text);
  });

  test('with the reason when it was refused', () => {
    expect(line([receipt('Nova', 'refused', { detail: 'inbox_full' })])).toBe('refused by Nova: its inbox is full');
    expect(line([receipt('Nova', 'refused', { detail: 'a_new_code' })])).toBe('refused by Nova: a_new_code');
  });
});

describe('in an archived thread nothing is awaited', () => {
  test.each([
    ['rung', 'rung, not seen'],
    ['stored', 'stored, not rung'],
  ] as const)('%s reads "%s"', (state, text) => {
    expect(line([receipt('Nova', state)], true)).toBe(text);
    expect(summarise([receipt('Nova', state)], { ...context, closed: true }).runs).toBe(false);
  });
});

describe('the receipts of a message for several', () => {
  test('are grouped by state, what needs a look first', () => {
    expect(line([receipt('Nova', 'answered'), receipt('Echo', 'rung'), receipt('Iris', 'refused')])).toBe(
      'refused by Iris · rung, not yet seen by Echo · 12 s · answered by Nova 9:41:08',
    );
  });

  test('name up to three, and count more', () => {
    const seen = ['Nova', 'Echo', 'Iris'].map((name) => receipt(name, 'seen'));
    const rung = ['A', 'B', 'C', 'D'].map((name) => receipt(name, 'rung'));
    expect(line([...seen, ...rung])).toBe('rung, not yet seen by 4 · 12 s · seen by Nova, Echo and Iris');
    expect(line(rung)).toBe('rung, not yet seen by all 4 · 12 s');
  });

  test('run from the one that waits longest', () => {
    expect(line([receipt('A', 'rung', { at: start }), receipt('B', 'rung')])).toBe(
      'rung, not yet seen by A and B · 20 s',
    );
  });
});

test('one’s own receipt is left out of the line', () => {
  expect(line([receipt('me', 'stored'), receipt('Nova', 'seen')])).toBe('seen by Nova 9:41:08');
  expect(summarise([receipt('me', 'stored')], context)).toEqual({ parts: [], runs: false });
});

test('a clock runs only while something is awaited', () => {
  expect(summarise([receipt('Nova', 'rung')], context).runs).toBe(true);
  expect(summarise([receipt('Nova', 'seen')], context).runs).toBe(false);
});
