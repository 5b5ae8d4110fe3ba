import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * What tells a process from a later one that was given the same id: its start time, as the system writes it down. The
 * same text for as long as it runs. `gone` when there is no such process, `unknown` when the system does not say.
 */
export async function processIdentity(pid: number): Promise<{ started: string } | 'gone' | 'unknown'> {
  if (!isRunning(pid)) return 'gone';
  const started = await startOf(pid).catch(() => undefined);
  if (started !== undefined && started !== '') return { started };
  return isRunning(pid) ? 'unknown' : 'gone';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function startOf(pid: number): Promise<string> {
  switch (process.platform) {
    case 'linux':
      return linuxStart(pid);
    case 'win32': {
      const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
      return output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]);
    }
    default:
      return output('ps', ['-o', 'lstart=', '-p', String(pid)]);
  }
}

/** Field 22 of /proc/PID/stat: clock ticks since the boot that boot_id names (proc(5)). The name before it may hold anything. */
async function linuxStart(pid: number): Promise<string> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ]);
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
  return ticks === undefined ? '' : `${boot.trim()} ${ticks}`;
}

async function output(command: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    windowsHide: true,
  });
  return stdout.trim();
}
