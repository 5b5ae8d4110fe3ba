import type { LensTarget } from '../../../server/src/languageServer/protocol.ts';

/**
 * What a command is given: by a code lens and the Migrations view folder and version, by a keybinding's "args" what
 * they hold, by the palette nothing.
 */
export interface RunTarget extends Partial<LensTarget> {
  /** Not to be asked, but for the name of a protected database. */
  readonly yes?: boolean;
}

/** Reads the first argument of a command, which anybody may call with anything. */
export function runTarget(argument: unknown): RunTarget {
  if (typeof argument !== 'object' || argument === null) return {};
  const { folder, version, yes }: { folder?: unknown; version?: unknown; yes?: unknown } = argument;
  return {
    folder: typeof folder === 'string' ? folder : undefined,
    version: typeof version === 'string' ? version : undefined,
    yes: yes === true,
  };
}
