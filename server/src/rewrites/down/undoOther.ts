import type { AlterDomainStmt, AlterSeqStmt, Node } from '@pgsql/types';
import { writtenName } from '../../catalog/catalog.ts';
import type { Step } from '../../replay/step.ts';
import { quoteName } from '../../sql/names.ts';
import { findKeywords } from '../../sql/spans/statementHead.ts';
import { tracesOf } from './lineage.ts';
import { subjectsOf } from './subjects.ts';
import type { Undoable } from './undo.ts';

/** ALTER SEQUENCE: each option as it was last said, or as it is by itself; where it stands is no part of the schema. */
export function undoSequence(
  { step, origins }: Undoable,
  { options }: AlterSeqStmt,
): readonly string[] | undefined {
  const [subject] = subjectsOf(step);
  if (subject === undefined) return undefined;
  const earlier = [...tracesOf(origins, subject.key)].map((each) => each.step);
  const back: string[] = [];
  for (const node of options ?? []) {
    const name = 'DefElem' in node ? (node.DefElem.defname ?? '') : '';
    if (name === 'restart') continue;
    if (name === 'owned_by') {
      const sequence = step.before.relations.get(subject.key);
      const owner = sequence?.kind === 'sequence' ? sequence.ownedBy : undefined;
      const written = owner === undefined ? 'NONE' : `${writtenName(owner.table)}.${quoteName(owner.column)}`;
      back.push(`OWNED BY ${written}`);
      continue;
    }
    const value = earlier.flatMap((each) => optionsOf(each)).find((each) => each.defname === name);
    const text = value === undefined ? DEFAULTS[name] : optionText(name, value.arg);
    if (text === undefined) return undefined;
    back.push(text);
  }
  return back.length === 0 ? [] : [`ALTER SEQUENCE ${writtenName(subject.key)} ${back.join(' ')}`];
}

function optionsOf({ node }: Step) {
  const options =
    'CreateSeqStmt' in node
      ? node.CreateSeqStmt.options
      : 'AlterSeqStmt' in node
        ? node.AlterSeqStmt.options
        : [];
  return (options ?? []).flatMap((each) => ('DefElem' in each ? each.DefElem : []));
}

/** Options that nobody has named (documentation: CREATE SEQUENCE). */
const DEFAULTS: Readonly<Record<string, string>> = {
  as: 'AS bigint',
  increment: 'INCREMENT BY 1',
  minvalue: 'NO MINVALUE',
  maxvalue: 'NO MAXVALUE',
  start: 'START WITH 1',
  cache: 'CACHE 1',
  cycle: 'NO CYCLE',
};

const WORDS: Readonly<Record<string, string>> = {
  increment: 'INCREMENT BY',
  minvalue: 'MINVALUE',
  maxvalue: 'MAXVALUE',
  start: 'START WITH',
  cache: 'CACHE',
};

function optionText(name: string, arg: Node | undefined): string | undefined {
  if (name === 'cycle') {
    return arg !== undefined && 'Boolean' in arg && arg.Boolean.boolval === true ? 'CYCLE' : 'NO CYCLE';
  }
  if (arg === undefined) return DEFAULTS[name];
  const word = WORDS[name];
  if (word === undefined) return undefined;
  if ('Integer' in arg) return `${word} ${arg.Integer.ival ?? 0}`;
  return 'Float' in arg ? `${word} ${arg.Float.fval}` : undefined;
}

/** ALTER DOMAIN; `subtype` is one letter (nodes/parsenodes.h, AlterDomainStmt). */
export function undoDomain(
  { step, after, origins }: Undoable,
  statement: AlterDomainStmt,
): readonly string[] | undefined {
  const [subject] = subjectsOf(step);
  const old = step.before.types.get(subject?.key ?? '');
  const now = after.types.get(subject?.key ?? '');
  if (subject === undefined || old?.kind !== 'domain' || now?.kind !== 'domain') return undefined;
  const alter = `ALTER DOMAIN ${writtenName(subject.key)}`;
  const name = quoteName(statement.name ?? '');
  switch (statement.subtype) {
    case 'O':
      return old.notNull ? [] : [`${alter} DROP NOT NULL`];
    case 'N':
      return old.notNull ? [`${alter} SET NOT NULL`] : [];
    case 'C': {
      const added = now.checks.filter((each) => !old.checks.some((other) => other.name === each.name));
      if (added.length === 0) return now.notNull && !old.notNull ? [`${alter} DROP NOT NULL`] : undefined;
      return added.map((each) => `${alter} DROP CONSTRAINT IF EXISTS ${quoteName(each.name)}`);
    }
    case 'X':
      return addedCheck(origins, subject.key, statement.name, alter);
    case 'V': {
      const added = addedCheck(origins, subject.key, statement.name, alter);
      return added && [`${alter} DROP CONSTRAINT ${name}`, ...added];
    }
    case 'T':
      return undoDefault(origins, subject.key, alter);
    default:
      return undefined;
  }
}

function addedCheck(
  origins: readonly Step[],
  key: string,
  name: string | undefined,
  alter: string,
): readonly string[] | undefined {
  for (const { step } of tracesOf(origins, key)) {
    if (!('AlterDomainStmt' in step.node) || step.node.AlterDomainStmt.subtype !== 'C') continue;
    const { def } = step.node.AlterDomainStmt;
    if (def === undefined || !('Constraint' in def) || def.Constraint.conname !== name) continue;
    const add = findKeywords(step.statement, ['add']);
    return add && [`${alter} ${step.statement.text.slice(add.start)}`];
  }
  return undefined;
}

function undoDefault(origins: readonly Step[], key: string, alter: string): readonly string[] | undefined {
  for (const { step, makes } of tracesOf(origins, key)) {
    if ('AlterDomainStmt' in step.node && step.node.AlterDomainStmt.subtype === 'T') {
      const set = findKeywords(step.statement, ['set', 'default']);
      return [
        set === undefined ? `${alter} DROP DEFAULT` : `${alter} ${step.statement.text.slice(set.start)}`,
      ];
    }
    if (!makes || !('CreateDomainStmt' in step.node)) continue;
    const nodes = step.node.CreateDomainStmt.constraints ?? [];
    const at = nodes.findIndex(
      (each) => 'Constraint' in each && each.Constraint.contype === 'CONSTR_DEFAULT',
    );
    if (at < 0) return [`${alter} DROP DEFAULT`];
    const start = (index: number) => {
      const node = nodes[index];
      return node !== undefined && 'Constraint' in node ? node.Constraint.location : undefined;
    };
    return [`${alter} SET ${step.statement.text.slice(start(at), start(at + 1)).trim()}`];
  }
  return undefined;
}
