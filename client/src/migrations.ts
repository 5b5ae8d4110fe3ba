import { Disposable, type Event, EventEmitter } from 'vscode';
import type { FolderMigrations } from '../../server/src/languageServer/protocol.ts';
import type { Server } from './languageClient.ts';

/** The migration folders of the workspace as the server last told of them. */
export class Migrations extends Disposable {
  readonly #server: Server;
  readonly #changed = new EventEmitter<void>();
  readonly onChange: Event<void> = this.#changed.event;
  #folders: readonly FolderMigrations[] | undefined;
  #asking = false;
  #askAgain = false;

  constructor(server: Server) {
    const parts: Disposable[] = [];
    super(() => Disposable.from(...parts).dispose());
    this.#server = server;
    parts.push(
      this.#changed,
      server.onMigrationsChanged(() => void this.#follow()),
    );
  }

  /** Undefined until the server has answered for the first time. */
  get folders(): readonly FolderMigrations[] | undefined {
    return this.#folders;
  }

  /** Asks the server for the folders, and with `read` their databases, or that of `only` one, for how they stand. */
  async ask(read: boolean, only?: string): Promise<readonly FolderMigrations[]> {
    const folders = await this.#server.migrations({ read, only });
    this.#folders = folders;
    this.#changed.fire();
    return folders;
  }

  /** Changes come in swarms: one question is under way at a time, and one more follows it. */
  async #follow(): Promise<void> {
    this.#askAgain = true;
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#askAgain) {
        this.#askAgain = false;
        await this.ask(false);
      }
    } catch {
      // The server is gone; the next one tells of changes again.
    } finally {
      this.#asking = false;
    }
  }
}
