import { describe, expect, test } from 'vitest';
import { isDestructive, nothingToDo, outcome, question } from '../../../client/src/runs/runWords.ts';
import type { PlannedFile, RunPlan } from '../../../server/src/languageServer/protocol.ts';

const database = { name: 'shop on db:5432 as app', reason: 'from GOOSE_DBSTRING', embedded: false };

function plan(directions: readonly PlannedFile['direction'][], more: Partial<RunPlan> = {}): RunPlan {
  const runs = directions.map((direction, i) => ({
    uri: `file:///m/${i}.sql`,
    name: `0000${i}_step.sql`,
    direction,
    statements: i,
  }));
  return { kind: 'plan', id: 1, database, runs, ...more };
}

describe('what is asked before a run', () => {
  test('names what is done, to how many, on which database and why that one, and the files', () => {
    const { message, detail, button } = question(plan(['up', 'up']));
    expect(message).toBe('Apply 2 migrations to shop on db:5432 as app?');
    expect(button).toBe('Apply');
    expect(detail).toContain('Chosen from GOOSE_DBSTRING.');
    expect(detail).toContain('↑ 00000_step.sql (nothing to send)');
    expect(detail).toContain('↑ 00001_step.sql (1 statement)');
  });

  test.each([
    [plan(['down']), 'Roll back 1 migration in shop on db:5432 as app?'],
    [plan(['down', 'up']), 'Roll back and apply again 1 migration in shop on db:5432 as app?'],
  ])('a roll back is one', (rolled, message) => {
    expect(isDestructive(rolled)).toBe(true);
    expect(question(rolled).message).toBe(message);
  });

  test('quiet: applying destroys nothing', () => {
    expect(isDestructive(plan(['up', 'up']))).toBe(false);
  });

  test('a long list is cut, and a barrier is said', () => {
    const { detail } = question(plan(Array(20).fill('up'), { barrier: '00021.go is a Go migration' }));
    expect(detail).toContain('… and 5 more');
    expect(detail).toContain('It stops there: 00021.go is a Go migration.');
  });
});

describe('what is said after a run', () => {
  const one = plan(['up']);
  test.each([
    ['Applied 3 migrations: shop on db:5432 as app.', { outcome: 'done', finished: 3 }, one],
    ['Rolled back 1 migration: shop on db:5432 as app.', { outcome: 'done', finished: 1 }, plan(['down'])],
    [
      'Rolled back and applied again: 00000_step.sql.',
      { outcome: 'done', finished: 2 },
      plan(['down', 'up']),
    ],
    ['Cancelled after no migrations: shop on db:5432 as app.', { outcome: 'cancelled', finished: 0 }, one],
    ['Applied 1 migration, then stopped: x.', { outcome: 'stopped', finished: 1, barrier: 'x' }, one],
    [
      'a.sql: no such table. Create it.',
      {
        outcome: 'failed',
        finished: 0,
        failure: { message: 'no such table', advice: 'Create it.', file: 'a.sql' },
      },
      one,
    ],
  ] as const)('%s', (text, result, planned) => {
    expect(outcome({ kind: 'ended', ...result }, planned)).toBe(text);
  });

  test('nothing to do has a word of its own for each direction', () => {
    expect(nothingToDo({ kind: 'up' }, plan([]))).toContain('has all of these migrations');
    expect(nothingToDo({ kind: 'down' }, plan([]))).toContain('Nothing to roll back');
  });
});
