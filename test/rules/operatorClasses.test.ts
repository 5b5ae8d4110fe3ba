import { describe, expect, it } from 'vitest';
import { isChosenClass } from '../../server/src/rules/schemaDifferences.ts';
import { clientOn } from '../postgres/clientOn.ts';
import { serverVersions } from '../postgres/testDatabase.ts';

describe.each(serverVersions)('PostgreSQL %s', (version) => {
  const connected = clientOn(version);

  it('has as defaults just the operator classes that count as such, but for other names of the same', async () => {
    const { rows } = await connected().query<{ method: string; name: string; usual: boolean }>(
      'SELECT amname AS method, opcname AS name, bool_or(opcdefault) AS usual FROM pg_opclass JOIN pg_am a ON a.oid = opcmethod GROUP BY 1, 2',
    );
    const others = rows.filter(({ method, name, usual }) => isChosenClass(method, name) === usual);
    expect(others.map(({ name }) => name).sort()).toEqual([
      ...['cidr_ops', 'cidr_ops'],
      ...['varchar_ops', 'varchar_ops'],
    ]);
    expect(rows.filter(({ usual }) => !usual).length).toBeGreaterThan(50);
  });
});
