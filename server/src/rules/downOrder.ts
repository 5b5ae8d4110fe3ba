import type { Site } from '../replay/site.ts';
import { dependentsInTheWay } from './dependentObjects.ts';
import { lackingIn, lacksSomething } from './lacking.ts';
import { moveBefore } from './moveStatement.ts';
import { objectInWords } from './objectInWords.ts';
import { mentionSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { inTheWay } from './statementOrder.ts';
import { writtenAnew } from './writtenDown.ts';

const UP = '-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY, c int);\nCREATE INDEX a_c ON a (c);\n';

export const downOrder: Rule = {
  id: 'down-order',
  category: 'reversibility',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The down drops something before what depends on it, or what goes with it: it fails.',
  why: 'A down undoes the up in the opposite order. Where it drops a column first and the index or constraint on it afterwards, these are gone already; where it drops a table that a view or a foreign key needs, PostgreSQL refuses. It fails just when it is needed.',
  bad: () => [
    {
      files: [
        'CREATE TABLE a (id int);',
        `-- +goose Up\nALTER TABLE a ADD c int;\nCREATE INDEX a_c ON a (c);\n-- +goose Down\nALTER TABLE a DROP COLUMN c;\nDROP INDEX a_c;\n`,
      ],
      fixed:
        '-- +goose Up\nALTER TABLE a ADD c int;\nCREATE INDEX a_c ON a (c);\n-- +goose Down\nDROP INDEX a_c;\nALTER TABLE a DROP COLUMN c;\n',
    },
    { files: [`${UP}-- +goose Down\nDROP TABLE a;\nDROP INDEX a_c;\n`] },
    {
      files: [
        'CREATE TABLE a (id int);',
        '-- +goose Up\nALTER TABLE a ADD c int CONSTRAINT c_pos CHECK (c > 0);\n-- +goose Down\nALTER TABLE a DROP c;\nALTER TABLE a DROP CONSTRAINT c_pos;\n',
      ],
    },
    {
      files: [
        'CREATE TABLE a (id int);',
        '-- +goose Up\nALTER TABLE a ADD c int;\nALTER TABLE a ADD CONSTRAINT c_not_null CHECK (c IS NOT NULL);\n-- +goose Down\nALTER TABLE a DROP c;\nALTER TABLE a DROP CONSTRAINT c_not_null;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);\n-- +goose Down\nDROP TABLE a;\nDROP TABLE b;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id int);\nCREATE VIEW v AS SELECT id FROM a;\n-- +goose Down\nDROP TABLE a;\nDROP VIEW v;\n',
      ],
    },
    {
      files: [
        "-- +goose Up\nCREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE a (m mood);\n-- +goose Down\nDROP TYPE mood;\nDROP TABLE a;\n",
      ],
    },
    {
      files: [
        'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\nCREATE TABLE a (id int);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();',
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP FUNCTION f;\n',
      ],
    },
    {
      files: [
        'CREATE TABLE a (x int, y int, CONSTRAINT k UNIQUE (x, y));\nCREATE TABLE b (y int, x int, FOREIGN KEY (y, x) REFERENCES a (y, x));',
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE a DROP CONSTRAINT k;\n',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\nCREATE TABLE a (id int);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();',
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TRIGGER t ON a;\nDROP FUNCTION f();\n',
      ],
    },
    {
      files: [
        'CREATE TABLE a (x int, CONSTRAINT k UNIQUE (x), CONSTRAINT l UNIQUE (x) DEFERRABLE);\nCREATE TABLE b (x int REFERENCES a (x));',
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE a DROP CONSTRAINT l;\n',
      ],
    },
    { files: [`${UP}-- +goose Down\nDROP INDEX a_c;\nDROP TABLE a;\n`] },
    { files: [`${UP}-- +goose Down\nDROP TABLE a;\nDROP INDEX IF EXISTS a_c;\n`] },
    { files: [`${UP}-- +goose Down\nDROP TABLE a;\n`] },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);\n-- +goose Down\nDROP TABLE b;\nDROP TABLE a;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);\n-- +goose Down\nDROP TABLE a CASCADE;\nDROP TABLE b;\n',
      ],
    },
    { files: ['CREATE TABLE a (id int);\nCREATE INDEX a_i ON a (id);', 'DROP TABLE a;\nDROP INDEX a_i;'] },
  ],

  scriptConcerns: (step) => lacksSomething(step) || dependentsInTheWay(step).length > 0,
  *checkScript(script, history, concerning) {
    if (script.script.direction !== 'down') return;
    for (const { step, mention, order } of lackingIn(script, concerning)) {
      if (order?.kind !== 'wentWith') continue;
      yield {
        step,
        span: mentionSpan(step.statement, mention),
        message: `The ${objectInWords(mention)} is gone already: an earlier statement of the down drops what it belongs to.`,
        why: 'The down fails here. Drop the part first, or leave it out: it goes with the whole.',
        fixes: (site) => [...moveBefore(site, script, order.by), ...writtenAnew(script, history)],
      };
    }
    for (const { fixes, ...report } of inTheWay(script, concerning)) {
      yield {
        ...report,
        fixes: (site: Site) => [...(fixes?.(site) ?? []), ...writtenAnew(script, history)],
      };
    }
  },
};
