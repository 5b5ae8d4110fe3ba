import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { MachineDefaults } from './connectionString.ts';

/** Where local servers put their socket: Debian, Homebrew, PostgreSQL's own default. pgx looks in these, in this order. */
const socketDirectories = ['/var/run/postgresql', '/private/tmp', '/tmp'];

/** What libpq takes from the machine where a connection string is silent. */
export function machineDefaults(): MachineDefaults {
  const socket =
    process.platform === 'win32' ? undefined : socketDirectories.find((path) => existsSync(path));
  const passwordFile =
    process.platform === 'win32'
      ? join(process.env.APPDATA ?? homedir(), 'postgresql', 'pgpass.conf')
      : join(homedir(), '.pgpass');
  return { user: userName(), host: socket ?? 'localhost', passwordFile };
}

/** A container's user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'postgres';
  }
}
