import { Disposable, type Event, EventEmitter, extensions, type Uri, workspace } from 'vscode';

/** What Skein uses of the Python extension's API (ms-python.python, `environments`). */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: Uri): { readonly path: string };
    resolveEnvironment(environment: {
      readonly path: string;
    }): Promise<{ readonly executable?: { readonly uri?: Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath?: Event<unknown>;
  };
}

/** The interpreter that a person has selected in the Python extension, where that is installed and awake. */
export class SelectedPython extends Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onChange: Event<void> = this.#changed.event;
  readonly #parts: Disposable[] = [this.#changed];
  #listens = false;

  constructor() {
    super(() => Disposable.from(...this.#parts).dispose());
    // It wakes up with the first Python file; by then it can be asked.
    this.#parts.push(workspace.onDidOpenTextDocument(() => this.#listen()));
  }

  /** The path of the interpreter for a folder; undefined where none was selected, or nothing runs here. */
  async of(folder: Uri): Promise<string | undefined> {
    if (!workspace.isTrusted) return undefined;
    this.#listen();
    const api = awake()?.environments;
    if (api === undefined) return undefined;
    try {
      const found = await api.resolveEnvironment(api.getActiveEnvironmentPath(folder));
      return found?.executable?.uri?.fsPath;
    } catch {
      // Another version of it says it in another way.
      return undefined;
    }
  }

  #listen(): void {
    const changes = this.#listens ? undefined : awake()?.environments?.onDidChangeActiveEnvironmentPath;
    if (changes === undefined) return;
    this.#listens = true;
    this.#parts.push(changes(() => this.#changed.fire()));
    this.#changed.fire();
  }
}

function awake(): PythonExtension | undefined {
  const extension = extensions.getExtension<PythonExtension>('ms-python.python');
  return extension?.isActive ? extension.exports : undefined;
}
