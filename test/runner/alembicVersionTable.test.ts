import { describe, expect, it } from 'vitest';
import type { Session } from '../../server/src/database/session.ts';
import { AlembicVersionTable } from '../../server/src/runner/tracking/alembicVersionTable.ts';
import { engines, using } from '../postgres/testDatabase.ts';

describe.each(engines)("alembic's version table on $name", ({ make }) => {
  async function connected(work: (session: Session) => Promise<void>): Promise<void> {
    const { database } = await using(make());
    const session = await database.connect();
    try {
      await work(session);
    } finally {
      await session.close();
    }
  }

  it('is not there at first, and empty then', () =>
    connected(async (session) => {
      const table = new AlembicVersionTable();
      expect(await table.read(session)).toBeUndefined();
      await session.run(table.definition);
      expect(await table.read(session)).toEqual([]);
    }));

  it('has a row for each head', () =>
    connected(async (session) => {
      const table = new AlembicVersionTable();
      await session.run(table.definition);
      await table.record(session, { kind: 'insert', id: 'a' });
      await table.record(session, { kind: 'insert', id: "b's" });
      await table.record(session, { kind: 'update', id: 'a', to: 'c' });
      expect([...((await table.read(session)) ?? [])].sort()).toEqual(["b's", 'c']);
      await table.record(session, { kind: 'delete', id: "b's" });
      expect(await table.read(session)).toEqual(['c']);
    }));

  it('says when a row is not there, or is there twice', () =>
    connected(async (session) => {
      const table = new AlembicVersionTable({ table: 'Versions', schema: 'shop', primaryKey: false });
      expect(await table.read(session)).toBeUndefined();
      await session.run('CREATE SCHEMA shop');
      await session.run(table.definition);
      await expect(table.record(session, { kind: 'update', id: 'a', to: 'b' })).rejects.toThrow(
        "Online migration expected to match one row when updating 'a' to 'b' in 'Versions'; 0 found",
      );
      await table.record(session, { kind: 'insert', id: 'a' });
      await table.record(session, { kind: 'insert', id: 'a' });
      await expect(table.record(session, { kind: 'delete', id: 'a' })).rejects.toThrow(
        "Online migration expected to match one row when deleting 'a' in 'Versions'; 2 found",
      );
    }));
});
