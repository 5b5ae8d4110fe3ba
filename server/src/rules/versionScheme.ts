/** Whether a version is a time (20260102030405, 20260102, seconds since 1970) and not a number counted up from one. */
export function isTimestamp(version: string): boolean {
  return version.length >= 10 || /^(19|20)\d{6}$/.test(version);
}
