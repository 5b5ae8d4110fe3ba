import { type ConfigProblem, parseConfig, ruleSpans, type SkeinConfig } from '../config/skeinConfig.ts';
import { ALL_RULES } from '../rules/allRules.ts';
import { readContent } from './fileContent.ts';
import { absolutePath, childOf, selfAndAncestors } from './filePath.ts';
import type { FileSystem } from './fileSystem.ts';

export const configFileName = 'skein.json';

/** A skein.json that was found. */
export interface ConfigFile {
  readonly path: string;
  /** The folder it stands in, absolute: what its paths are relative to. */
  readonly folder: string;
  readonly config: SkeinConfig;
  readonly text: string;
  readonly problems: readonly ConfigProblem[];
}

/** Finds the skein.json of a folder: the nearest at or above it. What was found is kept until `forget`. */
export class ConfigFiles {
  private readonly files: FileSystem;
  private readonly found = new Map<string, Promise<ConfigFile | undefined>>();

  constructor(files: FileSystem) {
    this.files = files;
  }

  async nearest(folder: string): Promise<ConfigFile | undefined> {
    // Hardly any has one, and whoever has opened a file waits for the answer: all are asked for at once.
    const asked = [...selfAndAncestors(absolutePath(folder))].map((ancestor) => this.at(ancestor));
    return (await Promise.all(asked)).find((file) => file !== undefined);
  }

  forget(): void {
    this.found.clear();
  }

  private at(folder: string): Promise<ConfigFile | undefined> {
    const known = this.found.get(folder);
    if (known) return known;
    const reading = readConfigFile(this.files, childOf(folder, configFileName));
    this.found.set(folder, reading);
    return reading;
  }
}

/** Reads one skein.json; `undefined` when there is none. */
export async function readConfigFile(files: FileSystem, path: string): Promise<ConfigFile | undefined> {
  const content = await readContent(files, path);
  if (!content) return undefined;
  const folder = absolutePath(childOf(path, '..'));
  if (content.unreadable) {
    const problem: ConfigProblem = {
      kind: 'syntax',
      message: content.unreadable,
      span: { start: 0, end: 0 },
    };
    return { path, folder, text: '', config: {}, problems: [problem] };
  }
  return { path, folder, text: content.text, ...checkConfig(content.text) };
}

/** Reads the text of a skein.json, and says which of its rules there are none of. */
export function checkConfig(text: string): ReturnType<typeof parseConfig> {
  const parsed = parseConfig(text);
  const unknown = [...ruleSpans(text)].filter(([id]) => !isRule(id));
  const problems = unknown.map(([id, span]): ConfigProblem => {
    return {
      kind: 'unknown-rule',
      message: `${JSON.stringify(id)} is no rule of this version of Skein`,
      span,
    };
  });
  return { ...parsed, problems: [...parsed.problems, ...problems] };
}

export function isRule(id: string): boolean {
  return ALL_RULES.some((rule) => rule.id === id);
}
