import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseGoose } from '../../server/src/migrations/formats/gooseLines.ts';
import type { Direction } from '../../server/src/migrations/migration.ts';

/* The cases were made with goose v3.27.3; SKEIN_GOOSE_CASES names another file of the same form. */

interface Expected {
  readonly stmts: readonly string[];
  readonly useTx: boolean;
  readonly err: string;
}

type Case = { readonly name: string; readonly input: string } & Record<Direction, Expected>;

const file = process.env.SKEIN_GOOSE_CASES ?? new URL('goose-parser.json', import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(file, 'utf8'));

/** The environment that the cases were made in. */
const environment = (name: string) => new Map([['R', 'rval'], ['E', '']]).get(name);

describe('what goose sends and refuses', () => {
  it(`equals goose in ${cases.length} files`, () => {
    expect(cases.length).toBeGreaterThan(0);
    for (const { name, input, up, down } of cases) {
      expect({ name, input, up: ours(input, 'up'), down: ours(input, 'down') }).toEqual({ name, input, up, down });
    }
  });

  const mib4 = 4 * 1024 * 1024;
  it.each([
    ['a line of 4 MiB - 1 bytes', 'x'.repeat(mib4 - 11), ''],
    ['a line of 4 MiB', 'x'.repeat(mib4 - 10), 'failed to scan migration: bufio.Scanner: token too long'],
    ['bytes, not characters', 'é'.repeat(mib4 / 2 - 5), 'failed to scan migration: bufio.Scanner: token too long'],
  ])('reads lines shorter than 4 MiB: %s', (_, filler, error) => {
    expect(ours(`-- +goose Up\nSELECT '${filler}';\n`, 'up').err).toBe(error);
  });

  it('counts the carriage return, and reports what stands before the long line first', () => {
    const line = `SELECT '${'x'.repeat(mib4 - 11)}';`;
    expect(ours(`-- +goose Up\n${line}\r\n`, 'up').err).toBe('failed to scan migration: bufio.Scanner: token too long');
    expect(ours(`-- +goose Down\n${line}\r\n`, 'up').err).toMatch(/^must start with/);
  });
});

function ours(input: string, direction: Direction): Expected {
  const { statements, useTransaction, error } = parseGoose(input, direction, environment);
  return { stmts: statements.map(({ text }) => text), useTx: useTransaction, err: error ?? '' };
}
