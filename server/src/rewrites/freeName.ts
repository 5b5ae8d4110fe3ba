import { type Catalog, columnOf, objectKey, tableOf, tableTree } from '../catalog/catalog.ts';
import { clipName } from '../catalog/generatedNames.ts';
import type { Site } from '../replay/site.ts';

/** A name for a new relation of a schema that no other has, now or after all files: as wanted, or with a number. */
export function freeRelationName({ step, end }: Site, schema: string, wanted: string): string {
  const all = [step.before, end()];
  return freeName(wanted, (name) => all.some(({ relations }) => relations.has(objectKey(schema, name))));
}

/** A name for a column that no other of the table and those below it has, now or after all files. */
export function freeColumnName({ step, end }: Site, table: string, wanted: string): string {
  const has = (catalog: Catalog, name: string): boolean =>
    tableTree(catalog, table).some((each) => columnOf(tableOf(catalog, each), name) !== undefined);
  return freeName(wanted, (name) => has(step.before, name) || has(end(), name));
}

/** As wanted, or with the first number that makes it free; cut to what names can hold. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let i = 1; ; i++) {
    const number = i === 1 ? '' : `_${i}`;
    const name = `${clipName(wanted, number.length)}${number}`;
    if (!isTaken(name)) return name;
  }
}
