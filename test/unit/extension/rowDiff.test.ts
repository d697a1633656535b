import { describe, expect, test } from 'vitest';
import { RowForest } from '../../../src/extension/trees/rowDiff';
import type { Row } from '../../../src/extension/trees/row';
import { RosterRows } from '../../../src/extension/trees/rosterRows';
import { agent, picture, processorTime, you } from './support';

function row(id: string, change: Partial<Row> = {}): Row {
  return { id, label: id, tooltip: () => '', aria: id, target: {}, ...change };
}

function shown(...rows: Row[]): RowForest {
  const forest = new RowForest();
  forest.set(rows);
  return forest;
}

const ids = (changes: ReturnType<RowForest['set']>): unknown =>
  changes === 'all' ? 'all' : changes.map((node) => node.id);

describe('of a tree is drawn anew', () => {
  test('nothing, when all rows look as before', () => {
    const forest = shown(row('a'), row('b', { children: [row('c')] }));
    expect(ids(forest.set([row('a'), row('b', { children: [row('c')] })]))).toEqual([]);
  });

  test.each<Partial<Row>>([
    { label: 'other' },
    { description: 'x' },
    { aria: 'x' },
    { kind: 'x' },
    { icon: { name: 'x' } },
    { target: { agent: 'x' } },
    { opens: 'openThread' },
  ])('the row that differs, and no other: %j', (change) => {
    const forest = shown(row('g', { children: [row('a'), row('b')] }));
    expect(ids(forest.set([row('g', { children: [row('a'), row('b', change)] })]))).toEqual(['b']);
  });

  test('a group with all that is below it, when one came, went or moved there', () => {
    const forest = shown(row('g', { children: [row('a'), row('b')] }), row('h', { children: [row('c')] }));
    const next = [row('g', { children: [row('b', { label: 'B' }), row('a')] }), row('h', { children: [row('c')] })];
    expect(ids(forest.set(next))).toEqual(['g']);
    expect(forest.nodes[0]?.children.map((node) => node.row.label)).toEqual(['B', 'a']);
  });

  test('everything, when a group came or very many rows differ', () => {
    const many = (label: string): Row =>
      row('g', { children: Array.from({ length: 101 }, (_, index) => row(`r${index}`, { label })) });
    const forest = shown(many('x'));
    expect(ids(forest.set([many('x'), row('h')]))).toBe('all');
    expect(ids(forest.set([many('y'), row('h')]))).toBe('all');
  });
});

test('a row keeps its node whatever it shows, so that the editor knows it again', () => {
  const forest = shown(row('a'), row('b'));
  const [, b] = forest.nodes;
  forest.set([row('b', { label: 'B', target: { agent: 'X' } })]);
  expect(forest.nodes[0]).toBe(b);
  expect(b?.target).toEqual({ agent: 'X' });
});

test('one change among 1,000 agents costs less than a frame and draws one row', () => {
  const agents = Array.from({ length: 1000 }, (_, index) =>
    agent(`Agent${index}`, { presence: index % 3 === 0 ? 'offline' : 'available', capabilities: ['review'] }),
  );
  const roster = new RosterRows();
  const forest = new RowForest();
  const began = process.cpuUsage();
  forest.set(roster.rows(picture({ agents: [you, ...agents] })));
  const first = processorTime(began);
  const times = Array.from({ length: 15 }, (_, round) => {
    agents[1 + 3 * round] = agent(`Agent${1 + 3 * round}`, { presence: 'busy', capabilities: ['review'] });
    const full = picture({ agents: [you, ...agents] });
    const start = process.cpuUsage();
    const changes = forest.set(roster.rows(full));
    const time = processorTime(start);
    expect(changes).toHaveLength(1);
    return time;
  });
  // Processor time, and the least of it: the turns of other processes on the machine are not counted.
  const least = Math.min(...times);
  console.log(`1,000 agents: first ${first.toFixed(1)} ms, one change ${least.toFixed(2)} ms`);
  expect(least).toBeLessThan(16);
});
