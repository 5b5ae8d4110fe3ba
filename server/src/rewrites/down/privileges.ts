import type { Step } from '../../replay/step.ts';
import { findKeywords } from '../../sql/spans/statementHead.ts';
import type { ParsedStatement } from '../../sql/statement.ts';
import { tracesOf } from './lineage.ts';
import { subjectsOf } from './subjects.ts';
import type { Undoable } from './undo.ts';

/** GRANT taken back by REVOKE, of a role or of default privileges too; nothing where it was granted before. */
export function undoGrant({ step, origins }: Undoable): readonly string[] | undefined {
  const { node } = step;
  const isGrant =
    'GrantStmt' in node ||
    ('GrantRoleStmt' in node && node.GrantRoleStmt.is_grant === true) ||
    ('AlterDefaultPrivilegesStmt' in node && node.AlterDefaultPrivilegesStmt.action?.is_grant === true);
  if (!isGrant) {
    const text = turned(step.statement, 'revoke');
    return text === undefined ? undefined : [text];
  }
  if (earlier(step, origins, (text) => words(text) === words(step.statement.text))) return [];
  const text = turned(step.statement, 'grant');
  return text === undefined ? undefined : [text];
}

/** REVOKE taken back by granting again what had been granted; what nobody had granted was not there. */
export function undoRevoke({ step, origins }: Undoable): readonly string[] | undefined {
  const granted = turned(step.statement, 'revoke');
  if (granted === undefined) return undefined;
  const had = earlier(
    step,
    origins,
    (text) => words(text).replace(/ with grant option$/, '') === words(granted),
  );
  if (had !== undefined) return [had];
  return isDefault(step) ? [granted] : [];
}

/** What everybody may do from the beginning (documentation: GRANT, Privileges). */
function isDefault({ node }: Step): boolean {
  if (!('GrantStmt' in node)) return false;
  const { objtype = '', grantees = [] } = node.GrantStmt;
  const toPublic = grantees.some(
    (each) => 'RoleSpec' in each && each.RoleSpec.roletype === 'ROLESPEC_PUBLIC',
  );
  return toPublic && DEFAULTS.has(objtype);
}

const DEFAULTS: ReadonlySet<string> = new Set([
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_LANGUAGE',
]);

/** The text of an earlier grant on the same objects that fits. */
function earlier(step: Step, origins: readonly Step[], fits: (text: string) => boolean): string | undefined {
  const [subject] = subjectsOf(step);
  const before =
    subject === undefined ? origins : [...tracesOf(origins, subject.key)].map((each) => each.step);
  for (const each of before) {
    const { node } = each;
    if (!('GrantStmt' in node) || !fits(each.statement.text)) continue;
    return node.GrantStmt.is_grant ? each.statement.text : undefined;
  }
  return undefined;
}

function words(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** A GRANT as the REVOKE of the same, or the other way round. */
function turned(statement: ParsedStatement, from: 'grant' | 'revoke'): string | undefined {
  const { text, tokens } = statement;
  const to = from === 'grant' ? 'REVOKE' : 'GRANT';
  const verb = findKeywords(statement, [from]);
  const preposition = tokens.findLast(
    ({ kind, value, start }) =>
      kind === 'word' &&
      value.toLowerCase() === (from === 'grant' ? 'to' : 'from') &&
      start > (verb?.end ?? 0),
  );
  if (verb === undefined || preposition === undefined) return undefined;
  const grantees = text
    .slice(preposition.end)
    .replace(/\s+with\s+(grant|admin)\s+option\b/i, '')
    .replace(/\s+(cascade|restrict)\s*$/i, '');
  const head = text.slice(verb.end, preposition.start).replace(/^\s+(grant|admin)\s+option\s+for\b/i, '');
  return `${text.slice(0, verb.start)}${to}${head}${from === 'grant' ? 'FROM' : 'TO'}${grantees}`;
}
