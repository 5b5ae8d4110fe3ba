import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import type { Log, Result } from 'sarif';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../server/src/cli/commandLine.ts';
import type { sarifLog } from '../../server/src/cli/sarifReporter.ts';
import { sarifSchema } from './sarifSchema.ts';

const validate = new Ajv({ formats: { uri: /^[a-z]+:/, 'uri-reference': /^[^\s\\]*$/ } }).compile(
  sarifSchema,
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

async function report(format: string): Promise<string> {
  let out = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      throw new Error(text);
    },
    colour: false,
    width: 100,
  };
  await run(['lint', '--format', format, folder], terminal);
  return out;
}

async function sarif(): Promise<Log> {
  // What the compiler holds against OASIS's types is what the reporter says it gives.
  const log: ReturnType<typeof sarifLog> & Log = JSON.parse(await report('sarif'));
  expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
  return log;
}

const resultOf = (log: Log, rule: string): Result | undefined =>
  log.runs[0]?.results?.find(({ ruleId }) => ruleId === rule);

const orders = '-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n';
const index = '-- +goose Up\nCREATE INDEX orders_note_idx\n  ON orders (note);\n';
const hints = '{"rules": {"index-not-concurrent": "hint"}}';

describe('sarif', () => {
  it('is as the standard says, also without findings', async () => {
    write('db/1_a.sql', '-- +goose Up\nSELECT 1;\n');
    expect((await sarif()).runs[0]?.results).toEqual([]);
  });

  it('gives places, rules, fixes and related places', async () => {
    write('db/1_a.sql', orders);
    write('db/2_b c.sql', '-- +goose Up\nSELECT 2\n');
    write('db/2_d.sql', index);
    const log = await sarif();
    const unterminated = resultOf(log, 'goose-unterminated');
    const uri = pathToFileURL(join(folder, 'db/2_b c.sql')).href;
    expect(unterminated).toMatchObject({
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri }, region: { endLine: 2, endColumn: 9 } } }],
      fixes: [
        {
          artifactChanges: [
            {
              artifactLocation: { uri },
              replacements: [
                { deletedRegion: { startLine: 2, startColumn: 9 }, insertedContent: { text: ';' } },
              ],
            },
          ],
        },
      ],
    });
    const rules = log.runs[0]?.tool.driver.rules;
    expect(rules?.[unterminated?.ruleIndex ?? -1]?.id).toBe('goose-unterminated');
    const duplicate = resultOf(log, 'duplicate-version');
    expect(duplicate?.relatedLocations?.[0]?.physicalLocation?.artifactLocation?.uri).toMatch(/\/2_d\.sql$/);
    // Its only fix renames the file, which SARIF cannot say.
    expect(log.runs[0]?.results?.filter(({ ruleId }) => ruleId === 'duplicate-version')).toHaveLength(2);
    expect(log.runs[0]?.results?.some(({ ruleId, fixes }) => ruleId === 'duplicate-version' && fixes)).toBe(
      false,
    );
  });

  it('has hints, as notes', async () => {
    write('db/1_a.sql', orders);
    write('db/2_b.sql', index);
    write('skein.json', hints);
    expect(resultOf(await sarif(), 'index-not-concurrent')?.level).toBe('note');
    expect(await report('json')).toContain('"severity":"hint"');
  });
});

describe('github', () => {
  it('is one command for each finding, hints left out', async () => {
    write('db/1_a.sql', orders);
    write('db/2, 100%:b.sql', '-- +goose Up\nSELECT 2\n');
    write('db/3_c.sql', index);
    const lines = (await report('github')).trimEnd().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^::(error|warning|notice) file=[^:]+,line=\d+,endLine=\d+,.*::./);
    expect(lines).toContainEqual(
      expect.stringContaining('/db/2%2C 100%25%3Ab.sql,line=2,endLine=2,col=8,endColumn=9,'),
    );
    const concurrent = lines.find((line) => line.includes('title=index-not-concurrent'));
    expect(concurrent).toMatch(/^::warning file=\S+3_c\.sql,line=2,endLine=\d,/);
    write('skein.json', hints);
    expect(await report('github')).not.toContain('index-not-concurrent');
  });

  it('is empty without findings', async () => {
    write('db/1_a.sql', '-- +goose Up\nSELECT 1;\n');
    expect(await report('github')).toBe('');
  });
});

describe('gitlab', () => {
  interface Issue {
    readonly description: string;
    readonly check_name: string;
    readonly fingerprint: string;
    readonly severity: string;
    readonly location: {
      readonly path: string;
      readonly lines: { readonly begin: number; readonly end: number };
    };
  }
  const issues = async (): Promise<Issue[]> => JSON.parse(await report('gitlab'));
  const issue = async (rule: string) => (await issues()).filter(({ check_name }) => check_name === rule);

  it('lists issues with all that GitLab asks for', async () => {
    write('db/1_a.sql', orders);
    write('db/2_b.sql', index);
    const [found] = await issue('index-not-concurrent');
    expect(found).toMatchObject({
      description: expect.stringMatching(/./),
      severity: 'major',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      location: { path: join(folder, 'db/2_b.sql'), lines: { begin: 2 } },
    });
    write('skein.json', hints);
    expect(await issue('index-not-concurrent')).toEqual([]);
  });

  it('names an issue by what it is about, wherever its lines are', async () => {
    write('db/1_a.sql', orders);
    write('db/2_b.sql', index);
    const [before] = await issue('index-not-concurrent');
    write('db/2_b.sql', index.replace('\n', '\n\n-- A comment.\nSELECT 1;\n'));
    const [after] = await issue('index-not-concurrent');
    expect(after?.location.lines.begin).toBe((before?.location.lines.begin ?? 0) + 3);
    expect(after?.fingerprint).toBe(before?.fingerprint);
  });

  it('tells issues apart that are about the same text', async () => {
    write('db/1_a.sql', orders);
    write('db/2_b.sql', '-- +goose Up\nSELECT * FROM no_such;\nSELECT * FROM no_such;\n');
    const all = await issues();
    expect(all.length).toBeGreaterThan(1);
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(all.length);
  });
});
