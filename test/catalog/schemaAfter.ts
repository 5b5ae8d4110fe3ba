import { apply } from '../../server/src/catalog/apply.ts';
import { type Catalog, emptyCatalog, objectKey } from '../../server/src/catalog/catalog.ts';
import { nextSession, type Session } from '../../server/src/replay/session.ts';
import { parseStatement } from '../../server/src/sql/parser.ts';
import { split } from '../../server/src/sql/splitter.ts';

/** The schema after SQL statements, all as if of one file; SET search_path counts. */
export function schemaAfter(sql: string, path = 'file.sql'): Catalog {
  let session: Session = { searchPath: ['public'], transaction: 'none', settings: {}, local: {} };
  let catalog = emptyCatalog();
  for (const piece of split(sql)) {
    if (piece.kind !== 'statement') continue;
    const { node, error } = parseStatement(sql.slice(piece.start, piece.end));
    if (node === undefined) throw new Error(`${sql.slice(piece.start, piece.end)}: ${error?.message}`);
    catalog = apply(catalog, node, { searchPath: session.searchPath, path });
    session = nextSession(session, node);
  }
  return catalog;
}

/** The names of all relations, without their schema where that is public, in order. */
export function relationNames(catalog: Catalog): readonly string[] {
  return [...catalog.relations.entries()].map(([key]) => shown(key)).sort();
}

export function shown(key: string): string {
  return key.replace('\u0000', '.').replace(/^public\./, '');
}

export function keyFor(name: string): string {
  const [schema, own] = name.includes('.') ? name.split('.') : ['public', name];
  return objectKey(schema ?? '', own ?? '');
}
