import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf } from './exampleHistory.ts';

beforeAll(loadParser);

const CHANGE = 'ALTER TABLE orders ADD COLUMN code text';

/** The rules that speak of a revision whose upgrade has these lines. */
function rulesOf(...lines: readonly string[]): readonly string[] {
  const path = 'migrations/a.py';
  const body = [...lines, `op.execute("${CHANGE}")`].map((line) => `    ${line}\n`).join('');
  const text = `from alembic import op\nrevision = "a"\ndown_revision = None\ndef upgrade():\n${body}`;
  return analysisOf([{ path, text }])
    .findings(path)
    .map(({ rule }) => rule);
}

describe('what holds until the transaction ends is gone behind an autocommit block', () => {
  const timeout = `op.execute("SET LOCAL lock_timeout = '2s'")`;
  const block = 'with op.get_context().autocommit_block():';

  test.each([
    ['that sends something', '    op.execute("SELECT 1")'],
    ['that sends nothing', '    pass'],
  ])('%s', (_, inside) => {
    expect(rulesOf(timeout)).not.toContain('missing-lock-timeout');
    expect(rulesOf(timeout, block, inside)).toContain('missing-lock-timeout');
    expect(rulesOf(timeout, block, inside, timeout)).not.toContain('missing-lock-timeout');
    expect(rulesOf(timeout.replace('LOCAL ', ''), block, inside)).not.toContain('missing-lock-timeout');
  });
});
