/** What a configuration of alembic says of where its revisions are. */
export interface AlembicEnvironment {
  /** The section of alembic.ini: "alembic", or what `alembic -n` names. */
  readonly section: string;
  /** Where env.py is; as written, `%(here)s` replaced. */
  readonly scriptLocation: string;
  /** The folders of revisions, as written: relative ones to the folder of the file. */
  readonly versionLocations: readonly string[];
  /** Whether their subfolders hold revisions too. */
  readonly recursive: boolean;
  readonly naming: RevisionNaming;
  /** `sqlalchemy.url` as written, names replaced. Holds a password. */
  readonly url?: string;
}

/** How the files of new revisions are named. */
export interface RevisionNaming {
  /** "%(rev)s_%(slug)s". */
  readonly fileTemplate: string;
  /** How long the words of a message may get in a file name. */
  readonly truncateSlugLength: number;
  /** The time zone in which a revision is dated; without one it is the machine's. */
  readonly timezone?: string;
}

/** alembic's own (script/base.py, 1.20). */
export const DEFAULT_NAMING: RevisionNaming = { fileTemplate: '%(rev)s_%(slug)s', truncateSlugLength: 40 };

type Settings = ReadonlyMap<string, string | readonly string[]>;

/**
 * The environments of an alembic.ini that stands in `here`: one for each section with a script_location. Where env.py
 * stands beside the file (`besideScript`), the section `[alembic]` may leave that to who loads it, as Flask-Migrate 4.1
 * does: then it is this folder.
 */
export function readAlembicIni(text: string, here: string, besideScript: boolean): AlembicEnvironment[] {
  const sections = iniSections(text);
  const defaults = new Map([...(sections.get('DEFAULT') ?? []), ['here', here]]);
  return [...sections].flatMap(([section, own]) => {
    if (section === 'DEFAULT') return [];
    const usual = besideScript && section === 'alembic' ? [['script_location', '.'] as const] : [];
    const all = new Map([...usual, ...defaults, ...own]);
    const settings = new Map([...all].map(([key, value]) => [key, interpolated(value, all)]));
    return environment(section, settings) ?? [];
  });
}

/** The environment of a pyproject.toml with a table `[tool.alembic]`, which has no section of its own to name. */
export function readAlembicToml(text: string, here: string): AlembicEnvironment | undefined {
  const names = new Map([['here', here]]);
  const settings = new Map<string, string | readonly string[]>();
  for (const [key, value] of tomlTable(text, 'tool.alembic')) {
    const filled =
      typeof value === 'string' ? interpolated(value, names) : value.map((each) => interpolated(each, names));
    settings.set(key, filled);
  }
  return environment('alembic', settings);
}

function environment(section: string, settings: Settings): AlembicEnvironment | undefined {
  const text = (key: string): string | undefined => {
    const value = settings.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const location = text('script_location');
  if (location === undefined) return undefined;
  const timezone = text('timezone');
  const scriptLocation = packagePath(location);
  const url = text('sqlalchemy.url');
  const listed = settings.get('version_locations');
  const locations = typeof listed === 'string' ? splitPaths(listed, settings) : (listed ?? []);
  return {
    section,
    scriptLocation,
    versionLocations:
      locations.length > 0 ? locations.map(packagePath) : [`${scriptLocation.replace(/\/$/, '')}/versions`],
    recursive: text('recursive_version_locations') === 'true',
    naming: {
      fileTemplate: text('file_template') ?? DEFAULT_NAMING.fileTemplate,
      truncateSlugLength: Number(text('truncate_slug_length')) || DEFAULT_NAMING.truncateSlugLength,
      ...(timezone === undefined ? {} : { timezone }),
    },
    ...(url !== undefined && { url }),
  };
}

/** `package.module:path` names a folder inside a package: taken for one that stands here. */
function packagePath(location: string): string {
  const [, name, path] = /^([A-Za-z_][\w.]+):(.+)$/.exec(location) ?? [];
  return name === undefined ? location : `${name.replaceAll('.', '/')}/${path}`;
}

/** What parts the paths of a list, by `path_separator`; without one, blanks and commas do (alembic 1.20). */
function splitPaths(list: string, settings: Settings): string[] {
  const separator = settings.get('path_separator') ?? settings.get('version_path_separator');
  // Where it is the system's: a semicolon on Windows, whose drives have colons.
  const name = separator === 'os' ? (list.includes(';') ? ';' : ':') : separator;
  const pattern = typeof name === 'string' && Object.hasOwn(SEPARATORS, name) ? SEPARATORS[name] : undefined;
  return list
    .split(pattern ?? /[\s,]+/)
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

const SEPARATORS: Readonly<Record<string, RegExp>> = {
  space: / +/,
  newline: /\n/,
  // A drive's colon parts nothing.
  ':': /:(?!\\)/,
  ';': /;/,
};

/** `%(name)s` replaced by what the name stands for, `%%` by one (Python: configparser.BasicInterpolation). */
function interpolated(value: string, names: ReadonlyMap<string, string>, depth = 0): string {
  return value.replace(/%%|%\((\w[\w.]*)\)s/g, (found, name: string | undefined) => {
    if (name === undefined) return '%';
    const known = names.get(name.toLowerCase());
    return known === undefined || depth > 9 ? found : interpolated(known, names, depth + 1);
  });
}

/** The sections of an INI file by name; keys are in lower case. */
function iniSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const [, name] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const [, newKey, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      key = undefined;
    } else if (newKey !== undefined) {
      key = newKey.toLowerCase();
      section?.set(key, value ?? '');
    } else if (key !== undefined && /^\s+\S/.test(line)) {
      section?.set(key, `${section.get(key) ?? ''}\n${line.trim()}`);
    }
  }
  return sections;
}

/** The strings, numbers, booleans and lists of strings of one table of a TOML file. */
function* tomlTable(text: string, table: string): Generator<[string, string | readonly string[]]> {
  const start = new RegExp(`^\\[${table.replace('.', '\\.')}\\][ \\t]*(?:#.*)?$`, 'm').exec(text);
  if (start === null) return;
  const body = text.slice(start.index + start[0].length).split(/^\[/m, 1)[0] ?? '';
  const pairs = /^[ \t]*([\w-]+)[ \t]*=[ \t]*(\[[\s\S]*?\]|"(?:[^"\\]|\\.)*"|'[^']*'|true|false|\d+)/gm;
  for (const [, key = '', value = ''] of body.matchAll(pairs)) {
    if (!value.startsWith('[')) yield [key, tomlString(value)];
    else yield [key, [...value.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g)].map(([each]) => tomlString(each))];
  }
}

function tomlString(written: string): string {
  if (written.startsWith("'")) return written.slice(1, -1);
  if (!written.startsWith('"')) return written;
  return written.slice(1, -1).replace(/\\(["\\])/g, '$1');
}
