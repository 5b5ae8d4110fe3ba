import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { md5 } from '../../../server/src/migrations/formats/alembic/md5.ts';

test('equals the one of OpenSSL, for texts of all lengths about a block', () => {
  for (let length = 0; length < 130; length++) {
    const text = 'ix_größe_'.repeat(20).slice(0, length);
    expect(md5(text)).toBe(createHash('md5').update(text).digest('hex'));
  }
});
