import type { Change, Fix } from '../migrations/change.ts';
import { type MigrationFile, type Script, statementsOf, type ToolId } from '../migrations/migration.ts';
import type { Statement } from '../sql/statement.ts';
import type { FileReport, Rule } from './rule.ts';

export const toolTransactionControl: Rule = {
  id: 'tool-transaction-control',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: ['squawk transaction-nesting', 'pgls transactionNesting'],
  summary: 'BEGIN, COMMIT or ROLLBACK in a file that its tool runs in a transaction already.',
  why: 'The tool has opened a transaction before the first statement, and records the migration in it. BEGIN there does nothing but warn; COMMIT and ROLLBACK end the tool’s transaction, so that what follows runs without one and the record is lost or left alone when something fails. Leave the control to the tool.',
  bad: () => [
    {
      files: ['-- +goose Up\nBEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\n\n-- +goose Down\nDROP TABLE a;\n'],
      fixed: '-- +goose Up\nCREATE TABLE a (id int);\n\n-- +goose Down\nDROP TABLE a;\n',
    },
    { files: ['-- +goose Up\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\nROLLBACK;\n'] },
    { files: ['-- +goose Up\nSTART TRANSACTION;\nSELECT 1;\nEND;\n'] },
  ],
  good: () => [
    { files: ['BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;'] },
    { files: ['-- +goose NO TRANSACTION\n-- +goose Up\nBEGIN;\nSELECT 1;\nCOMMIT;\n'] },
    { files: ['-- +goose Up\nSAVEPOINT a;\nSELECT 1;\nROLLBACK TO a;\nRELEASE a;\n'] },
    {
      files: [
        '-- +goose Up\n-- +goose StatementBegin\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\n-- +goose StatementEnd\n',
      ],
    },
  ],

  *checkFile(file) {
    if (!WRAPS.has(file.tool) || !file.transactional) return;
    yield* reports(file, file.up);
    if (file.down !== undefined) yield* reports(file, file.down);
  },
};

/** The tools that run a file in a transaction of their own. */
const WRAPS: ReadonlySet<ToolId> = new Set(['goose', 'alembic']);

const CONTROL: Readonly<Record<string, 'begins' | 'ends'>> = {
  TRANS_STMT_BEGIN: 'begins',
  TRANS_STMT_START: 'begins',
  TRANS_STMT_COMMIT: 'ends',
  TRANS_STMT_ROLLBACK: 'ends',
  TRANS_STMT_PREPARE: 'ends',
};

function control({ parsed: { node } }: Statement): 'begins' | 'ends' | undefined {
  return node !== undefined && 'TransactionStmt' in node
    ? CONTROL[node.TransactionStmt.kind ?? '']
    : undefined;
}

function* reports({ tool }: MigrationFile, script: Script): Generator<FileReport> {
  const all = statementsOf(script);
  const controls = all.filter((statement) => control(statement) !== undefined);
  for (const statement of controls) {
    const word = (statement.parsed.tokens[0]?.value ?? '').toUpperCase();
    yield {
      span: statement.span,
      message:
        control(statement) === 'begins'
          ? `${tool} has opened a transaction already: ${word} does nothing here but warn.`
          : `${word} ends the transaction in which ${tool} runs and records this migration.`,
      why:
        control(statement) === 'begins'
          ? `${tool} runs the whole file in one transaction. Remove BEGIN, and the COMMIT that belongs to it.`
          : `What follows runs outside of any transaction, and when it fails, what ran before stays, unrecorded. Remove it; what must be committed by itself belongs into a migration of its own.`,
      fixes: () => removal(all, controls),
    };
  }
}

/** Without BEGIN at the start and COMMIT at the end the file means the same; anything between them was meant to do something. */
function removal(all: readonly Statement[], controls: readonly Statement[]): readonly Fix[] {
  const [first, last, ...others] = controls;
  const around = first === all[0] && last === all.at(-1) && others.length === 0;
  const commits =
    last?.parsed.node !== undefined && JSON.stringify(last.parsed.node).includes('TRANS_STMT_COMMIT');
  const changes = controls.map((statement): Change => ({ kind: 'removeStatement', statement }));
  return [
    {
      title: 'Leave the transaction to the tool',
      grade: around && commits ? 'safe' : 'review',
      changes,
    },
  ];
}
