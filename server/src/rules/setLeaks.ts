import type { Node } from '@pgsql/types';
import { stringsOf } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const setLeaks: Rule = {
  id: 'set-leaks',
  category: 'transaction',
  level: 'information',
  since: '0.1.0',
  peers: ['eugene E9 (SET LOCAL)'],
  summary: 'SET without LOCAL outlives the migration.',
  why: 'The tool runs the file in a transaction, on a connection that goes on to the next migration or back into a pool. What SET has set stays in force there: another search_path, a timeout, a role. SET LOCAL ends with the transaction.',
  bad: () => [
    {
      files: ["-- +goose Up\nSET lock_timeout = '2s';\nALTER TABLE orders ADD a int;\n"],
      fixed: "-- +goose Up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD a int;\n",
    },
    {
      files: ['-- +goose Up\nSET SESSION search_path TO shop;\n'],
      fixed: '-- +goose Up\nSET LOCAL search_path TO shop;\n',
    },
    { files: ['-- +goose Up\nSET ROLE owner;\n'], fixed: '-- +goose Up\nSET LOCAL ROLE owner;\n' },
    {
      files: ["-- +goose Up\nSELECT pg_catalog.set_config('search_path', '', false);\n"],
      fixed: "-- +goose Up\nSELECT pg_catalog.set_config('search_path', '', true);\n",
    },
  ],
  good: () => [
    { files: ["-- +goose Up\nSET LOCAL lock_timeout = '2s';\n"] },
    { files: ["SET lock_timeout = '2s';\nALTER TABLE orders ADD a int;"] },
    { files: ["-- +goose NO TRANSACTION\n-- +goose Up\nSET lock_timeout = '2s';\n"] },
    { files: ['-- +goose Up\nSET search_path TO shop;\nCREATE TABLE a (b int);\nRESET search_path;\n'] },
    {
      files: [
        '-- +goose Up\nSET ROLE owner;\nRESET ROLE;\nSET statement_timeout = 1;\nSET statement_timeout TO DEFAULT;\n',
      ],
    },
    { files: ["-- +goose Up\nSELECT set_config('search_path', 'shop', true);\n"] },
    {
      files: ['-- +goose Up\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSET CONSTRAINTS ALL DEFERRED;\n'],
    },
    { files: ["-- +goose Up\nSELECT 1;\n-- +goose Down\nSET lock_timeout = '2s';\n"] },
  ],

  scriptConcerns: (step) => leaked(step) !== undefined,
  *checkScript({ script, steps }, _history, concerning) {
    if (script.direction === 'down') return;
    for (const step of concerning) {
      const setting = leaked(step);
      const later = steps.slice(steps.indexOf(step) + 1);
      if (setting === undefined || later.some(({ node }) => resets(node, setting))) continue;
      yield {
        step,
        span: keywordsSpan(step.statement),
        message: `This sets ${setting} for whatever runs on the connection after this migration.`,
        why: 'The migration ends with its transaction, the connection does not: the next migration, or another user of the pool, works with this value. SET LOCAL ends with the transaction.',
        fixes: setLocal,
      };
    }
  },
};

/** The setting that a statement leaves behind. */
function leaked({ node, session }: Step): string | undefined {
  if (session.transaction !== 'tool') return undefined;
  if ('VariableSetStmt' in node) {
    const { kind, name, is_local } = node.VariableSetStmt;
    return kind === 'VAR_SET_VALUE' && !is_local ? name : undefined;
  }
  const args = setConfigArguments(node);
  const [name, , local] = args ?? [];
  if (name === undefined || local === undefined || !('A_Const' in name) || !('A_Const' in local))
    return undefined;
  return local.A_Const.boolval?.boolval === true || local.A_Const.boolval === undefined
    ? undefined
    : name.A_Const.sval?.sval;
}

function setConfigArguments(node: Node): readonly Node[] | undefined {
  const target = 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined;
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (value === undefined || !('FuncCall' in value)) return undefined;
  return stringsOf(value.FuncCall.funcname).at(-1) === 'set_config' ? value.FuncCall.args : undefined;
}

function resets(node: Node, setting: string): boolean {
  if ('DiscardStmt' in node) return node.DiscardStmt.target === 'DISCARD_ALL';
  if (!('VariableSetStmt' in node)) return false;
  const { kind, name } = node.VariableSetStmt;
  if (kind === 'VAR_RESET_ALL') return true;
  return (kind === 'VAR_RESET' || kind === 'VAR_SET_DEFAULT') && name === setting;
}

function setLocal({ step, statement }: Site): readonly Fix[] {
  const span = step.nested ? undefined : placeOfLocal(step);
  if (span === undefined) return [];
  const change =
    'VariableSetStmt' in step.node
      ? span.start === span.end
        ? ({ kind: 'insertClause', statement, offset: span.start, text: 'LOCAL' } as const)
        : ({ kind: 'replaceStatement', statement, span, text: 'LOCAL' } as const)
      : ({ kind: 'replaceStatement', statement, span, text: 'true' } as const);
  return [{ title: 'Set it for this transaction only', grade: 'safe', changes: [change] }];
}

/** Where LOCAL goes: in SESSION's stead or after SET; of set_config the last argument. */
function placeOfLocal({ node, statement }: Step): Span | undefined {
  if (!('VariableSetStmt' in node)) {
    const last = setConfigArguments(node)?.at(-1);
    const start = last !== undefined && 'A_Const' in last ? last.A_Const.location : undefined;
    return statement.tokens.find((token) => token.start === start);
  }
  const [set, session, what] = statement.tokens;
  if (set === undefined) return undefined;
  const scope = session?.value === 'session' && what?.value !== 'authorization';
  return scope ? session : { start: set.end, end: set.end };
}
