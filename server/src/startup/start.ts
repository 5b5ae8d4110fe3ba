import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * Runs a bundle as `node FILE` would, with the machine code that V8 made of it the last time: a third of the start is
 * compiling. The code is kept in the user's cache directory; wherever it cannot be, or is of no use (another Node, another
 * bundle), the bundle is compiled as ever. `path` is absolute; the bundle is CommonJS, in the wrapper that Node puts around
 * such a module: to do so here would cost a copy of two megabytes. What has been compiled after `settled` milliseconds is
 * kept, or at the end where that comes before: in a long session V8 forgets the code that only a start needs.
 */
export function start(path: string, settled = 2_000): void {
  // Bundles are plain ASCII, which this reads twice as fast.
  const source = readFileSync(path, 'latin1');
  const kept = new KeptCode(path);
  const cachedData = kept.read();
  const script = new Script(source, { filename: path, ...(cachedData && { cachedData }) });
  const isOfUse = cachedData !== undefined && script.cachedDataRejected === false;
  if (!isOfUse || kept.isOld) {
    let done = false;
    const keep = () => {
      if (!done) kept.write(script.createCachedData(), isOfUse ? cachedData.length : 0);
      done = true;
    };
    process.once('exit', keep);
    setTimeout(keep, settled).unref();
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
}

/** So long code is kept before it is compared with what a run has compiled, in milliseconds: that takes 30 of them. */
const DAY = 24 * 3_600_000;

/** The file of machine code for one bundle and one Node, headed by what it was made from and by its own hash. */
class KeptCode {
  private readonly directory = cacheDirectory();
  private readonly file: string;
  private readonly source: string;
  /** Whether it is time to see if there is more to keep: what the first run wanted is not all that others want. */
  isOld = false;

  constructor(path: string) {
    const { size, mtimeMs } = statSync(path);
    this.file = join(this.directory, `${basename(path)}-${process.version}-${process.arch}`);
    this.source = `${path} ${size} ${mtimeMs}`;
  }

  read(): Buffer | undefined {
    try {
      const found = readFileSync(this.file);
      const code = found.subarray(found.indexOf('\n') + 1);
      // V8 runs what it is given: damaged code would end the process.
      if (!found.subarray(0, found.length - code.length).equals(this.headOf(code))) return undefined;
      this.isOld = Date.now() - statSync(this.file).mtimeMs > DAY;
      return code;
    } catch {
      return undefined;
    }
  }

  /** The hash tells damage, not who wrote it: the quickest one does. */
  private headOf(code: Buffer): Buffer {
    return Buffer.from(`${this.source} ${createHash('sha1').update(code).digest('hex')}\n`);
  }

  /** Keeps the code where it is more than the `known` bytes that are kept. */
  write(code: Buffer, known: number): void {
    try {
      if (code.length <= known) {
        const now = new Date();
        utimesSync(this.file, now, now);
        return;
      }
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      // One name for all: a process that is killed here leaves a file for the next to overwrite, not one more each time.
      // What two processes write into it at once does not have its hash.
      const written = `${this.file}.new`;
      writeFileSync(written, Buffer.concat([this.headOf(code), code]), { mode: 0o600 });
      renameSync(written, this.file);
    } catch {
      // A full disk, a home that cannot be written: the next start takes as long as this one.
    }
  }
}

/** Where programs of this platform keep what they can make again. */
function cacheDirectory(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA || homedir(), 'skein', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'skein');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'skein');
}
