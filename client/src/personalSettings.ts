import { Disposable, type Event, EventEmitter, type SecretStorage, workspace } from 'vscode';
import type { SettingsParams } from '../../server/src/languageServer/protocol.ts';

const secretKey = 'skein.passwords';

/** What a person has set for themselves: VS Code's settings, and the passwords in its secret storage. */
export class PersonalSettings extends Disposable {
  readonly #secrets: SecretStorage;
  readonly #changed = new EventEmitter<void>();
  readonly onChange: Event<void> = this.#changed.event;

  constructor(secrets: SecretStorage) {
    const parts: Disposable[] = [];
    super(() => Disposable.from(...parts).dispose());
    this.#secrets = secrets;
    parts.push(
      this.#changed,
      secrets.onDidChange(({ key }) => key === secretKey && this.#changed.fire()),
      workspace.onDidChangeConfiguration((event) => {
        const mine =
          event.affectsConfiguration('skein.database') || event.affectsConfiguration('skein.codeLens');
        if (mine) this.#changed.fire();
      }),
      workspace.onDidChangeWorkspaceFolders(() => this.#changed.fire()),
    );
  }

  /** All of it, as the server wants to hear it. */
  async read(): Promise<SettingsParams> {
    const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => ({
      uri: uri.toString(),
      database: workspace.getConfiguration('skein', uri).get<string>('database') || undefined,
    }));
    const codeLens = workspace.getConfiguration('skein').get('codeLens', true);
    return { folders, passwords: await this.passwords(), codeLens };
  }

  /** By the name of the database. */
  async passwords(): Promise<Readonly<Record<string, string>>> {
    const stored = await this.#secrets.get(secretKey);
    return stored === undefined ? {} : (JSON.parse(stored) as Record<string, string>);
  }

  async setPassword(database: string, password: string): Promise<void> {
    const all = { ...(await this.passwords()), [database]: password };
    await this.#secrets.store(secretKey, JSON.stringify(all));
  }
}
