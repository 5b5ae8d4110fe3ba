import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json';
import type { SkeinConfig } from '../../server/src/config/skeinConfig.ts';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';
import { split } from '../../server/src/sql/splitter.ts';
import { analysisOf } from '../rules/exampleHistory.ts';
import { expandSnippet } from './expandSnippet.ts';

beforeAll(loadParser);

interface Snippet {
  readonly prefix: string | readonly string[];
  readonly body: readonly string[];
  readonly description: string;
}

const names = ['goose', 'sql', 'alembic', 'kubernetes'] as const;
const files = Object.fromEntries(
  names.map((name) => [
    name,
    JSON.parse(readFileSync(`snippets/${name}.json`, 'utf8')) as Record<string, Snippet>,
  ]),
);

function snippets(name: (typeof names)[number]): [string, string][] {
  return Object.values(files[name] ?? {}).map(({ prefix, body }) => [
    typeof prefix === 'string' ? prefix : (prefix[0] ?? ''),
    expandSnippet(body),
  ]);
}

/** What the snippets' defaults speak of: tables that are old and in use. */
const base = `-- +goose Up
CREATE TYPE order_status AS ENUM ('open', 'closed');
CREATE TABLE IF NOT EXISTS customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    total bigint NOT NULL,
    status text
);
CREATE INDEX IF NOT EXISTS orders_status_idx ON orders (status);
CREATE INDEX IF NOT EXISTS orders_customer_idx ON orders (customer_id);
`;

/** Steps that a snippet stands after. */
const before: Readonly<Record<string, string>> = {
  'pg-validate':
    '-- +goose Up\nALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;\n',
  'pg-not-null-set':
    '-- +goose Up\nALTER TABLE orders ADD CONSTRAINT orders_status_not_null CHECK (status IS NOT NULL) NOT VALID;\n-- +goose Down\n',
};
const validated = '-- +goose Up\nALTER TABLE orders VALIDATE CONSTRAINT orders_status_not_null;\n';

const outsideTransaction = new Set(['pg-index', 'pg-drop-index', 'pg-backfill']);

/** A plain SQL snippet in a goose file of its own, as its description says. */
function asGooseFile(prefix: string, text: string): string {
  const head = outsideTransaction.has(prefix) ? '-- +goose NO TRANSACTION\n-- +goose Up\n' : '-- +goose Up\n';
  const sql = text.includes('$$') ? `-- +goose StatementBegin\n${text}-- +goose StatementEnd\n` : text;
  return head + sql;
}

/** Findings of warning and above in the last file of a folder. */
function serious(texts: readonly string[], config: SkeinConfig = {}): string[] {
  const folder = texts.map((text, i) => ({
    path: `migrations/${String(i + 1).padStart(5, '0')}_step.sql`,
    text,
  }));
  const analysis = analysisOf(folder, config);
  return analysis
    .findings(folder.at(-1)?.path ?? '')
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ rule, message }) => `${rule}: ${message}`);
}

describe('snippets', () => {
  test('are what package.json contributes, no more and no less', () => {
    const contributed = packageJson.contributes.snippets.map(({ path }) => path).sort();
    expect(contributed).toEqual(names.map((name) => `./snippets/${name}.json`).sort());
  });

  test.each(names)('%s: each has a prefix of its own and says what it is for', (name) => {
    const all = Object.values(files[name] ?? {});
    const prefixes = all.flatMap(({ prefix }) => prefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    for (const { description } of all) expect(description).toMatch(/^[A-Z].{20,}\.$/s);
  });

  test.each(snippets('sql'))('%s parses', (_, text) => {
    for (const { start, end } of split(text, 0, text.length)) {
      expect(parseStatement(text.slice(start, end)).error).toBeUndefined();
    }
  });

  test.each(snippets('goose'))('%s is a file that goose takes and nothing is wrong with', (prefix, text) => {
    const file = prefix === 'goose-statement' ? `-- +goose Up\n${text}\n` : text;
    expect(serious([base, file])).toEqual([]);
  });

  test.each(snippets('sql'))('%s is safe where it says it is', (prefix, text) => {
    const steps = [before[prefix], prefix === 'pg-not-null-set' ? validated : undefined];
    const earlier = steps.flatMap((step) => step ?? []);
    // These are for one direction.
    expect(serious([base, ...earlier, asGooseFile(prefix, text)], { forwardOnly: true })).toEqual([]);
  });

  test('a test of the test: what is not safe is found', () => {
    expect(serious([base, asGooseFile('', 'CREATE INDEX ON orders (total);\n')]).join()).toContain(
      'index-not-concurrent',
    );
  });

  test.each(snippets('alembic'))('%s: Python with its brackets and quotes closed', (_, text) => {
    const code = text.replace(/"""[\s\S]*?"""/g, '').replace(/"[^"\n]*"/g, '""');
    expect(code).not.toMatch(/"""|\$|\t/);
    const open: string[] = [];
    for (const c of code) {
      if ('([{'.includes(c)) open.push(c);
      else if (')]}'.includes(c)) expect('([{'.indexOf(open.pop() ?? '?')).toBe(')]}'.indexOf(c));
    }
    expect(open).toEqual([]);
  });

  test.each(snippets('kubernetes'))('%s is YAML', (_, text) => {
    for (const document of parseAllDocuments(text)) {
      expect(document.errors).toEqual([]);
      expect(document.toJS()).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) });
    }
  });

  test('the migration Job does what such a Job has to', () => {
    const job = documents('helm-migration-job')[0];
    expect(job).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        annotations: {
          'helm.sh/hook': 'pre-install,pre-upgrade',
          'helm.sh/hook-weight': expect.any(String),
          'helm.sh/hook-delete-policy': 'before-hook-creation',
        },
      },
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: 600,
        template: {
          metadata: { annotations: { 'checksum/migrations': expect.stringContaining('sha256sum') } },
          spec: {
            restartPolicy: 'OnFailure',
            initContainers: [{ command: expect.arrayContaining(['up-to', '$(TARGET_VERSION)']) }],
            containers: [{ name: 'verify' }],
          },
        },
      },
    });
  });

  test('its clean-up Job may delete that Job and nothing else', () => {
    const [, role, binding, job] = documents('helm-migration-cleanup');
    expect(role).toMatchObject({
      kind: 'Role',
      rules: [{ resources: ['jobs'], resourceNames: ['shop-migrate'], verbs: ['get', 'delete'] }],
    });
    expect(binding).toMatchObject({ kind: 'RoleBinding', roleRef: { name: 'shop-migrate-cleanup' } });
    expect(job).toMatchObject({
      kind: 'Job',
      spec: { template: { spec: { serviceAccountName: 'shop-migrate-cleanup' } } },
    });
  });
});

function documents(prefix: string): unknown[] {
  const text = snippets('kubernetes').find(([name]) => name === prefix)?.[1] ?? '';
  return parseAllDocuments(text).map((document) => document.toJS());
}
