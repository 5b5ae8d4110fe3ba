import type { RevisionNaming } from '../../../config/alembicConfig.ts';

/** The name of the file of a new revision, as alembic makes it (1.20, script/base.py: `_rev_path`). */
export function revisionFileName(
  { fileTemplate, truncateSlugLength }: RevisionNaming,
  id: string,
  message: string,
  date: WallTime,
): string {
  const values: Readonly<Record<string, string | number>> = {
    rev: id,
    slug: slugOf(message, truncateSlugLength),
    ...date,
  };
  const name = fileTemplate.replace(
    /%%|%\((\w+)\)(0?)(\d*)(?:\.(\d+))?([sdr])/g,
    (found, key: string | undefined, zero: string, width = '', digits = '') => {
      if (key === undefined) return '%';
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      if (value === undefined) return found;
      return String(value)
        .padStart(Number(digits), '0')
        .padStart(Number(width), zero === '0' ? '0' : ' ');
    },
  );
  return `${name}.py`;
}

/** The folder that names of a template are relative to, of a file's folder that may be one which the template made. */
export function namingFolder(folder: string, fileTemplate: string): string {
  const made = fileTemplate.slice(0, fileTemplate.lastIndexOf('/') + 1);
  if (made === '') return folder;
  const shape = made
    .replace(/[.*+?^{}|[\]\\$]/g, '\\$&')
    .replace(/%\((\w+)\)[\d\\.]*([sdr])/g, (_, name: string, kind: string) =>
      kind === 'd' || /^(year|month|day|hour|minute|second|epoch)$/.test(name) ? '\\d+' : '[^/]+',
    );
  const [found = ''] = new RegExp(`(?<=^|/)${shape}$`).exec(folder) ?? [];
  return folder.slice(0, folder.length - found.length);
}

function slugOf(message: string, longest: number): string {
  const slug = (message.match(/[\p{L}\p{N}_]+/gu) ?? []).join('_').toLowerCase();
  if (slug.length <= longest) return slug;
  const cut = slug.slice(0, longest);
  const end = cut.lastIndexOf('_');
  return `${end < 0 ? cut : cut.slice(0, end)}_`;
}

/** A moment as a clock on a wall shows it. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Seconds since 1970, in UTC. */
  readonly epoch: number;
}

/** The moment in a time zone by its IANA name, which counts in capitals too; in the machine's where it is not known. */
export function wallTime(date: Date, timezone: string | undefined): WallTime {
  const parts = new Map(
    formatIn(timezone)
      .formatToParts(date)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
    epoch: Math.floor(date.getTime() / 1000),
  };
}

function formatIn(timezone: string | undefined): Intl.DateTimeFormat {
  const numeric = 'numeric';
  const options = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
    hourCycle: 'h23',
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...options,
      ...(timezone === undefined ? {} : { timeZone: timezone }),
    });
  } catch {
    return new Intl.DateTimeFormat('en-US', options);
  }
}

/** The moment as a revision's docstring has it: "2026-01-02 03:04:05". */
export function dateInWords(time: WallTime): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const { year, month, day, hour, minute, second } = time;
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}
