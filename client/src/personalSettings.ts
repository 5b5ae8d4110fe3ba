import {
  Disposable,
  type Event,
  EventEmitter,
  type SecretStorage,
  type WorkspaceFolder,
  workspace,
} from 'vscode';
import type {
  AlembicRunner,
  FolderSettings,
  SettingsParams,
} from '../../server/src/languageServer/protocol.ts';
import { SelectedPython } from './selectedPython.ts';

const secretKey = 'skein.passwords';

/** What a person has set for themselves: VS Code's settings, and the passwords in its secret storage. */
export class PersonalSettings extends Disposable {
  readonly #secrets: SecretStorage;
  readonly #python: SelectedPython;
  readonly #changed = new EventEmitter<void>();
  readonly onChange: Event<void> = this.#changed.event;

  constructor(secrets: SecretStorage) {
    const parts: Disposable[] = [];
    super(() => Disposable.from(...parts).dispose());
    this.#secrets = secrets;
    this.#python = new SelectedPython();
    parts.push(
      this.#changed,
      this.#python,
      this.#python.onChange(() => this.#changed.fire()),
      secrets.onDidChange(({ key }) => key === secretKey && this.#changed.fire()),
      workspace.onDidChangeConfiguration((event) => {
        const mine = ['database', 'alembic', 'python', 'codeLens'];
        if (mine.some((name) => event.affectsConfiguration(`skein.${name}`))) this.#changed.fire();
      }),
      workspace.onDidChangeWorkspaceFolders(() => this.#changed.fire()),
    );
  }

  /** All of it, as the server wants to hear it. */
  async read(): Promise<SettingsParams> {
    const folders = await Promise.all((workspace.workspaceFolders ?? []).map((each) => this.#of(each)));
    const codeLens = workspace.getConfiguration('skein').get('codeLens', true);
    return { folders, passwords: await this.passwords(), codeLens };
  }

  async #of({ uri }: WorkspaceFolder): Promise<FolderSettings> {
    const settings = workspace.getConfiguration('skein', uri);
    return {
      uri: uri.toString(),
      database: settings.get<string>('database') || undefined,
      alembic: settings.get<AlembicRunner>('alembic'),
      python: settings.get<string>('python') || undefined,
      selectedPython: await this.#python.of(uri),
    };
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
