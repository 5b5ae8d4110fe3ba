import type { Category, Example, Rule } from './rule.ts';

/** The groups of rules, in order, and what they are about. */
const CATEGORIES: Readonly<Record<Category, string>> = {
  file: 'the tool cannot read or run this file',
  transaction: 'what one transaction holds, and what may not run in one',
  locking: 'blocks reads or writes while it runs',
  compatibility: 'breaks the application version that is still running',
  data: 'can fail on existing rows, or destroys them',
  idempotency: 'cannot be run again',
  ordering: 'between files, and between statements',
  reversibility: 'the way back',
  tracking: 'the table in which a tool keeps what has been applied',
  style: 'off unless skein.json sets a level',
};

/** The text of docs/rules.md: every rule, with its id as anchor. */
export function ruleDocumentation(rules: readonly Rule[]): string {
  const parts = [HEAD, contents(rules)];
  for (const [category, about] of Object.entries(CATEGORIES)) {
    const members = rules.filter((rule) => rule.category === category);
    if (members.length > 0) parts.push(`## ${category}: ${about}`, ...members.map(section));
  }
  return `${parts.join('\n\n')}\n`;
}

const HEAD = `<!-- Written by \`npm run docs\` from the rules in server/src/rules. Do not edit. -->

# Rules

Each rule has a level: error (it will fail, or lose something for good), warning (dangerous on a live database), information,
hint, or off. \`skein.json\` sets another for all reports of a rule: \`{ "rules": { "drop-column": "error" } }\`.

A comment ignores a rule where it is meant: \`-- skein:ignore drop-column nobody reads it\` for the next statement, the same
at the end of a line for what stands on that line, \`-- skein:ignore-file drop-column\` for the whole file. Several rules are
separated by commas; what follows the last is the reason. In Python it starts with \`#\`. \`-- squawk-ignore\` is understood too.

A fix is *safe* when the file means the same afterwards: \`skein fix\` applies these. All others are offered one by one.`;

function contents(rules: readonly Rule[]): string {
  const rows = rules.map(({ id, level, summary }) => `| [${id}](#${id}) | ${level} | ${cell(summary)} |`);
  return ['| rule | level | |', '| --- | --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** How many examples of each kind a reader gets to see; the tests run all. */
const SHOWN = 4;

function section(rule: Rule): string {
  const { id, level, since, peers, summary, why, bad, good } = rule;
  const facts = [
    `Level: ${level}`,
    `since ${since}`,
    ...(peers.length === 0 ? [] : [`elsewhere: ${peers.join(', ')}`]),
  ];
  const fixes = bad()
    .filter((each) => each.fixed !== undefined || each.created !== undefined)
    .map(fix);
  return [
    // The anchor is the id, whatever a renderer makes of headings.
    `<a id="${id}"></a>\n\n### ${id}`,
    summary,
    `${facts.join(' · ')}`,
    why,
    '**It speaks about**',
    ...bad().slice(0, SHOWN).map(example),
    ...(fixes.length === 0 ? [] : ['**Its fixes**', ...fixes.slice(0, SHOWN)]),
    '**It is silent about**',
    ...good().slice(0, SHOWN).map(example),
  ].join('\n\n');
}

/** An example's files; of several the last is the one that is looked at. */
function example({ files, postgresVersion, config }: Example): string {
  const settings = [
    ...(postgresVersion === undefined ? [] : [`PostgreSQL ${postgresVersion}`]),
    ...Object.entries(config ?? {}).map(([key, value]) => `${key}: ${value}`),
  ];
  const blocks = files.map((file, i) => {
    const { name, text } = typeof file === 'string' ? { name: undefined, text: file } : file;
    const title = name ?? (files.length > 1 ? `file ${i + 1}` : undefined);
    return code(text, title === undefined ? [] : [title], name?.endsWith('.py') ? 'python' : 'sql');
  });
  return [...(settings.length === 0 ? [] : [`With ${settings.join(', ')}:`]), ...blocks].join('\n\n');
}

function fix({ files, fixed, created = [] }: Example): string {
  const last = files.at(-1) ?? '';
  const before = typeof last === 'string' ? last : last.text;
  return [
    code(before, ['before']),
    ...(fixed === undefined ? [] : [code(fixed, ['after'])]),
    ...created.map((text) => code(text, ['a new migration'])),
  ].join('\n\n');
}

function code(text: string, titles: readonly string[], language = 'sql'): string {
  const fence = text.includes('```') ? '````' : '```';
  return [
    ...titles.map((title) => `${title}:`),
    `${fence}${language}\n${visible(text.trimEnd())}\n${fence}`,
  ].join('\n\n');
}

/** A NUL, where an example has one, would make the page no text. */
function visible(text: string): string {
  return text.replaceAll('\0', '␀');
}
