import type { Statement } from '../../sql/statement.ts';
import type { Change } from '../change.ts';
import { type Block, type PlacedMigration, type SqlWriting, sqlComment } from '../edits.ts';
import { type MigrationFile, statementsOf } from '../migration.ts';
import { nextVersion } from '../nextVersion.ts';
import { newlineOf } from '../textLines.ts';
import { annotationText } from './gooseIntention.ts';
import { readGooseFile, regionsOf } from './gooseLayout.ts';
import { parseGoose } from './gooseLines.ts';

/** How SQL is written into goose files. */
export function gooseWriting(file: MigrationFile): SqlWriting {
  let blocks: readonly Block[] | undefined;
  return {
    write: writeStatement,
    blockOf(statement: Statement): Block | undefined {
      blocks ??= blocksOf(file);
      return blocks.find(({ span }) => span.start <= statement.span.start && statement.span.end <= span.end);
    },
    comment: commentLines,
    downSection: (statements) => [annotationText('Down'), ...statements.map(writeStatement)].join('\n'),
    optOut(): readonly Change[] {
      if (!file.transactional) return [];
      const mark = `${annotationText('NO TRANSACTION')}${newlineOf(file.text)}`;
      return [{ kind: 'editText', span: { start: 0, end: 0 }, text: mark }];
    },
    create(migration, files, now) {
      const version = nextVersion(files, now, 'timestamp');
      return { version, files: [{ baseName: `${version}_${migration.name}.sql`, text: newFile(migration) }] };
    },
    optIn(): readonly Change[] {
      const mark = /^[ \t]*--[ \t]*\+goose[ \t]+NO[ \t]+TRANSACTION[ \t]*(?:\r?\n|$)/gim;
      return [...file.text.matchAll(mark)].map(({ index, 0: line }) => ({
        kind: 'editText',
        span: { start: index, end: index + line.length },
        text: '',
      }));
    },
    otherHalf: () => [],
    isMark: (line) => line.includes('+goose') && line.trimStart().startsWith('--'),
  };
}

/** A statement as goose takes it for one: between marks where it would cut it. */
function writeStatement(sql: string): string {
  const { statements, error } = parseGoose(`${annotationText('Up')}\n${sql};\n`, 'up');
  const whole = error === undefined && statements.length === 1;
  if (whole) return `${sql};`;
  return `${annotationText('StatementBegin')}\n${sql};\n${annotationText('StatementEnd')}`;
}

function blocksOf(file: MigrationFile): Block[] {
  const statements = [...statementsOf(file.up), ...(file.down === undefined ? [] : statementsOf(file.down))];
  return regionsOf(readGooseFile(file.text), file.text.length).flatMap(({ span, block }) => {
    if (block === undefined) return [];
    const inside = statements.filter(
      (statement) => span.start <= statement.span.start && statement.span.end <= span.end,
    );
    return [{ span: { start: block.begin.start, end: block.end?.end ?? span.end }, statements: inside }];
  });
}

function commentLines(lines: readonly string[]): string {
  return sqlComment(lines).replaceAll('+goose', 'goose');
}

function newFile({ transactional, comment = [], up, down, comments }: PlacedMigration): string {
  const head = [
    ...(transactional ? [] : [annotationText('NO TRANSACTION')]),
    ...(comment.length === 0 ? [] : [commentLines(comment)]),
  ];
  const sections = [
    ...(head.length === 0 ? [] : [head.join('\n')]),
    [annotationText('Up'), ...comments.up, ...up.map(writeStatement)].join('\n'),
    ...(down.length === 0
      ? []
      : [[annotationText('Down'), ...comments.down, ...down.map(writeStatement)].join('\n')]),
  ];
  return `${sections.join('\n\n')}\n`;
}
