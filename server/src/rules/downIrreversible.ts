import { displayName } from '../catalog/catalog.ts';
import type { Fix } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { alteredTable, isMissing, isOldColumn } from './alteredTable.ts';
import { commentOf } from './downMissing.ts';
import { keywordsSpan, mentionSpan } from './place.ts';
import { rowWrites } from './rowWrites.ts';
import type { Rule } from './rule.ts';

export const downIrreversible: Rule = {
  id: 'down-irreversible',
  category: 'reversibility',
  level: 'hint',
  since: '0.1.0',
  peers: ['django-migration-linter RUNSQL_REVERSIBLE'],
  summary: 'The up loses data, which no down brings back, and the down does not say so.',
  why: 'A down can make a dropped column or table anew, but not what was in it. Who rolls back should read that before: in a comment of the down, or from an error that it raises instead of seeming to work.',
  bad: () => [
    {
      files: [
        '-- +goose Up\nALTER TABLE o DROP COLUMN note;\n-- +goose Down\nALTER TABLE o ADD COLUMN note text;\n',
      ],
      fixed:
        '-- +goose Up\nALTER TABLE o DROP COLUMN note;\n-- +goose Down\n-- What was in o.note is lost: this does not bring it back.\nALTER TABLE o ADD COLUMN note text;\n',
    },
    {
      files: [
        '-- +goose Up\nDROP TABLE IF EXISTS o;\n-- +goose Down\nCREATE TABLE IF NOT EXISTS o (id int);\n',
      ],
    },
    { files: ['-- +goose Up\nTRUNCATE o;\n-- +goose Down\nSELECT 1;\n'] },
    { files: ["-- +goose Up\nDELETE FROM o WHERE state = 'gone';\n-- +goose Down\nSELECT 1;\n"] },
  ],
  good: () => [
    {
      files: [
        '-- +goose Up\nALTER TABLE o DROP COLUMN note;\n-- +goose Down\n-- irreversible: the notes are lost\nALTER TABLE o ADD COLUMN note text;\n',
      ],
    },
    {
      files: [
        "-- +goose Up\nDROP TABLE o;\n-- +goose Down\n-- +goose StatementBegin\nDO $$ BEGIN\n  RAISE EXCEPTION 'no way back';\nEND $$;\n-- +goose StatementEnd\n",
      ],
    },
    { files: ['-- +goose Up\nALTER TABLE o DROP COLUMN note;\n'] },
    { files: ['ALTER TABLE o DROP COLUMN note;'] },
    {
      files: [
        '-- +goose Up\nCREATE TABLE o_backup AS TABLE o;\nDROP TABLE o;\n-- +goose Down\nALTER TABLE o_backup RENAME TO o;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (x int);\nALTER TABLE a DROP COLUMN x;\nDELETE FROM a;\n-- +goose Down\nDROP TABLE a;\n',
      ],
    },
    {
      files: ['-- +goose Up\nTRUNCATE o;\n-- +goose Down\nSELECT 1;\n'],
      config: { forwardOnly: true },
    },
  ],

  scriptConcerns: (step) => 'CreateTableAsStmt' in step.node || losses(step).length > 0,
  *checkScript({ file, script }, { forwardOnly }, concerning) {
    if (script.direction === 'down' || file.down === undefined || forwardOnly) return;
    const down = statementsOf(file.down);
    const raises = down.some(({ parsed }) => /\braise\s+exception\b/i.test(parsed.text));
    if (down.length === 0 || raises || SAYS_SO.test(commentOf(file, file.down))) return;
    const kept = new Set<string>();
    for (const step of concerning) {
      if ('CreateTableAsStmt' in step.node) for (const { key } of step.mentions) kept.add(key);
      for (const loss of losses(step)) {
        if (kept.has(loss.table)) continue;
        yield {
          step,
          span: loss.span,
          message: `What was in ${loss.what} is lost: the down cannot bring it back, and does not say so.`,
          why: 'Say it in a comment of the down, or raise an error there, so that nobody counts on it.',
          fixes: (site) => sayIt(site, loss.what),
        };
      }
    }
  },
};

const SAYS_SO =
  /irreversib|cannot|can't|can not|not (be )?(restor|recover|undo|revers|bring|come)|does not bring|lost|lose|gone|data|rows|values/i;

interface Loss {
  readonly what: string;
  readonly table: string;
  readonly span: Span;
}

const losses = perStep((step) => [...lossesOf(step)]);

function* lossesOf(step: Step): Generator<Loss> {
  const { node, statement } = step;
  const dropsTable =
    'TruncateStmt' in node || ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE');
  if (dropsTable) {
    for (const mention of step.mentions) {
      if (isNew(step, mention.key) || isMissing(step, mention.key)) continue;
      yield { what: displayName(mention.key), table: mention.key, span: mentionSpan(statement, mention) };
    }
  }
  for (const { verb, table } of rowWrites(step)) {
    if (verb === 'DELETE') yield { what: displayName(table), table, span: keywordsSpan(statement, 'delete') };
  }
  const altered = alteredTable(step);
  for (const { command, name, span } of altered?.commands ?? []) {
    const column = command.name ?? '';
    if (
      altered === undefined ||
      command.subtype !== 'AT_DropColumn' ||
      !isOldColumn(step, altered.key, column)
    )
      continue;
    yield { what: `${altered.name}.${column}`, table: altered.key, span: name ?? span };
  }
}

function sayIt({ file }: Site, what: string): readonly Fix[] {
  if (file.down === undefined) return [];
  const lines = [`What was in ${what} is lost: this does not bring it back.`];
  return [
    {
      title: 'Say so in the down',
      grade: 'review',
      changes: [{ kind: 'downComment', lines }],
    },
  ];
}
