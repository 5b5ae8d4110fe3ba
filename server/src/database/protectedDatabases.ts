import type { DatabaseName } from './databaseName.ts';

/**
 * Whether skein.json asks for a database's name to be typed before it is touched. A pattern is `host/database`, or one
 * part that may match either; `*` stands for any characters. Case does not matter. The embedded database, which holds
 * nothing that cannot be made again, is never protected.
 */
export function isProtected(name: DatabaseName, patterns: readonly string[]): boolean {
  if (name.kind === 'embedded') return false;
  return patterns.some((pattern) => {
    const slash = pattern.lastIndexOf('/');
    if (slash < 0 || pattern.startsWith('/')) {
      return matches(pattern, name.database) || matches(pattern, name.host);
    }
    const [host, port] = hostAndPort(pattern.slice(0, slash));
    const samePort = port === undefined || port === String(name.port);
    return samePort && matches(host, name.host) && matches(pattern.slice(slash + 1), name.database);
  });
}

function hostAndPort(text: string): [string, string | undefined] {
  const parts = /^(.*):([0-9]+)$/.exec(text);
  return [parts?.[1] ?? text, parts?.[2]];
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.split('*').map(literal).join('.*');
  return new RegExp(`^${source}$`, 'isu').test(text);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
