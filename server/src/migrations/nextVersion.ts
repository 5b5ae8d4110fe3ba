import { compareVersions, latestVersion } from './history.ts';
import type { MigrationFile } from './migration.ts';
import { baseNameOf } from './paths.ts';

/** Versions by time, from the year to the second or the millisecond, as digits. */
const timestamp = /^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]*$/;
const timestampLengths = [8, 10, 12, 14, 17];

/**
 * A version after all of `files`, as it is written in a file name, in their own scheme: numbered on with the same
 * number of digits, or by time. `ifEmpty` is for a folder without versions.
 */
export function nextVersion(
  files: readonly MigrationFile[],
  now: Date,
  ifEmpty: 'timestamp' | 'sequence',
): string {
  const latest = latestVersion(files);
  if (latest === undefined) return ifEmpty === 'timestamp' ? stamp(now).slice(0, 14) : '0001';
  if (isTimestamp(latest)) {
    const version = stamp(now).slice(0, latest.length);
    return compareVersions(version, latest) > 0 ? version : after(latest);
  }
  return (BigInt(latest) + 1n).toString().padStart(writtenLength(files, latest), '0');
}

function isTimestamp(version: string): boolean {
  return timestampLengths.includes(version.length) && timestamp.test(version);
}

/** `YYYYMMDDHHMMSSmmm` in UTC. */
function stamp(date: Date): string {
  return date.toISOString().replace(/[^0-9]/g, '');
}

/** The next point in time at the version's own precision; the next number where that is no point in time. */
function after(version: string): string {
  const fields = version.padEnd(17, '0').match(/^(....)(..)(..)(..)(..)(..)(...)$/) ?? [];
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, milli = 0] = fields
    .slice(1)
    .map(Number);
  const steps = new Map([
    [8, 86_400_000],
    [10, 3_600_000],
    [12, 60_000],
    [14, 1000],
    [17, 1],
  ]);
  const time = Date.UTC(year, month - 1, day, hour, minute, second, milli) + (steps.get(version.length) ?? 0);
  const next = stamp(new Date(time)).slice(0, version.length);
  return compareVersions(next, version) > 0 ? next : (BigInt(version) + 1n).toString();
}

/** How many digits the name of the file with this version has. */
function writtenLength(files: readonly MigrationFile[], version: string): number {
  const file = files.find((candidate) => candidate.version === version);
  return file === undefined ? version.length : (/^[0-9]+/.exec(baseNameOf(file.path))?.[0].length ?? 0);
}
