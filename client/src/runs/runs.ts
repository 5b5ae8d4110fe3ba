import { posix } from 'node:path';
import {
  CancellationTokenSource,
  commands,
  Disposable,
  ProgressLocation,
  Range,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import type {
  Place,
  Refusal,
  Refused,
  RunCommand,
  RunPlan,
  RunResult,
} from '../../../server/src/languageServer/protocol.ts';
import type { Server } from '../languageClient.ts';
import type { PersonalSettings } from '../personalSettings.ts';
import type { ChosenFolder } from './chosenFolder.ts';
import type { RunTarget } from './runTarget.ts';
import { isDestructive, nothingToDo, outcome, question } from './runWords.ts';

/** Brings the commands that touch a database to the server: says what will happen, asks, shows how it goes. */
export class Runs {
  readonly #server: Server;
  readonly #settings: PersonalSettings;
  readonly #folders: ChosenFolder;
  #running: CancellationTokenSource | undefined;

  constructor(server: Server, settings: PersonalSettings, folders: ChosenFolder) {
    this.#server = server;
    this.#settings = settings;
    this.#folders = folders;
  }

  /** The folder a command is about; undefined, and the person told why, when there is none or nothing may be run. */
  async folderFor({ folder }: RunTarget): Promise<string | undefined> {
    if (!(await trusted())) return undefined;
    return folder ?? (await this.#folders.choose());
  }

  /** Plans a command for a folder, asks, runs it. Undefined when it was not run: the person has been told why. */
  async run(folder: string, command: RunCommand, { yes }: RunTarget): Promise<RunResult | undefined> {
    if (!(await savedIn(folder, yes === true))) return undefined;
    const plan = await this.#planned(folder, command);
    if (!plan) return undefined;
    if (plan.runs.length === 0) {
      void window.showInformationMessage(nothingToDo(command, plan));
      return { kind: 'ended', outcome: 'done', finished: 0 };
    }
    if (!(await this.#agreed(plan, yes === true))) {
      await this.#server.dismissPlan(plan.id);
      return undefined;
    }
    const result = await this.#shown(plan);
    if (result.kind === 'refused') this.showRefusal(result.refusal);
    else this.#showResult(result, plan);
    return result.kind === 'ended' ? result : undefined;
  }

  /** Ends the run that is going on, or the look at the database before it, if there is one. */
  cancel(): void {
    this.#running?.cancel();
  }

  /** Does what may need a password: asks for it where the server does, and does it again. */
  async withPassword<T>(attempt: () => Promise<T | Refused>): Promise<T | Refused> {
    for (;;) {
      const result = await attempt();
      const database = isRefused(result) ? result.refusal.needsPassword : undefined;
      if (database === undefined) return result;
      if (!(await this.askPassword(database))) return result;
    }
  }

  /** Asks for a database's password and keeps it in VS Code's secret storage. False when none was given. */
  async askPassword(database: string): Promise<boolean> {
    const password = await window.showInputBox({
      title: `Password for ${database}`,
      prompt: 'It is kept in VS Code’s secret storage.',
      password: true,
      ignoreFocusOut: true,
    });
    if (password === undefined) return false;
    await this.#settings.setPassword(database, password);
    await this.#server.settingsChanged();
    return true;
  }

  showRefusal({ message, advice, place }: Refusal): void {
    const open = 'Open File';
    const log = 'Show Log';
    const buttons = place ? [open, log] : [log];
    void window.showErrorMessage(`${sentence(message)} ${advice}`, ...buttons).then((chosen) => {
      if (chosen === open && place) void show(place);
      if (chosen === log) this.#server.showLog();
    });
  }

  async #planned(folder: string, command: RunCommand): Promise<RunPlan | undefined> {
    const plan = await this.#withProgress('Skein: looking at the database', ({ token }) =>
      this.withPassword(() => this.#server.plan({ folder, command }, token)),
    );
    if (plan?.kind === 'refused') this.showRefusal(plan.refusal);
    return plan?.kind === 'plan' ? plan : undefined;
  }

  async #agreed(plan: RunPlan, yes: boolean): Promise<boolean> {
    const { message, detail, button } = question(plan);
    if (!yes) {
      const ask = isDestructive(plan) ? window.showWarningMessage : window.showInformationMessage;
      if ((await ask(message, { modal: true, detail }, button)) !== button) return false;
    }
    const { typed, database } = plan;
    if (typed === undefined) return true;
    const name = await window.showInputBox({
      title: `${database.name} is protected`,
      prompt: `Type ${typed} to go on.`,
      ignoreFocusOut: true,
      validateInput: (text) => (text === typed ? undefined : `This is not ${typed}.`),
    });
    return name === typed;
  }

  #shown(plan: RunPlan): Promise<RunResult | Refused> {
    const title = `Skein: ${plan.database.name}`;
    return this.#withProgress(title, (source) => this.#server.run(plan.id, source.token));
  }

  async #withProgress<T>(title: string, work: (source: CancellationTokenSource) => Promise<T>): Promise<T> {
    const source = new CancellationTokenSource();
    this.#running = source;
    const location = ProgressLocation.Notification;
    return window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      let shown = 0;
      const listening = Disposable.from(
        token.onCancellationRequested(() => {
          progress.report({ message: 'cancelling …' });
          source.cancel();
        }),
        this.#server.onRunProgressed(({ text, done, count }) => {
          const share = count === 0 ? 0 : (100 * done) / count;
          progress.report({ message: text, increment: count === 0 ? undefined : share - shown });
          shown = share;
        }),
      );
      try {
        return await work(source);
      } finally {
        this.#running = undefined;
        listening.dispose();
      }
    });
  }

  #showResult(result: RunResult, plan: RunPlan): void {
    const text = outcome(result, plan);
    if (result.outcome === 'done') void window.showInformationMessage(text);
    else if (result.outcome !== 'failed') void window.showWarningMessage(text);
    else this.#showFailure(text, result.failure?.place);
  }

  #showFailure(text: string, place: Place | undefined): void {
    const open = 'Open File';
    const log = 'Show Log';
    void window.showErrorMessage(text, ...(place ? [open, log] : [log])).then((chosen) => {
      if (chosen === open && place) void show(place);
      if (chosen === log) this.#server.showLog();
    });
  }
}

/** Whether things may be run here at all; if not, says so. */
async function trusted(): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const text = 'This workspace is not trusted: Skein reads and checks its migrations, and runs nothing.';
  void window.showWarningMessage(text, manage).then((chosen) => {
    if (chosen === manage) void commands.executeCommand('workbench.trust.manage');
  });
  return false;
}

/** What is run is what is on disk: migrations with unsaved changes are saved first, if the person agrees. */
async function savedIn(folder: string, yes: boolean): Promise<boolean> {
  const inFolder = ({ uri, isDirty }: TextDocument): boolean =>
    isDirty && posix.dirname(uri.path) === Uri.parse(folder).path;
  const dirty = workspace.textDocuments.filter(inFolder);
  if (dirty.length === 0) return true;
  if (!yes) {
    const names = dirty.map(({ uri }) => posix.basename(uri.path)).join('\n');
    const save = 'Save and Go On';
    const text = 'Save these migrations first? What is run is what is on disk.';
    if ((await window.showWarningMessage(text, { modal: true, detail: names }, save)) !== save) return false;
  }
  const saved = await Promise.all(dirty.map((document) => document.save()));
  return saved.every((ok) => ok);
}

/** Opens a file with a place in it selected. */
export async function show({ uri, range: { start, end } }: Place): Promise<void> {
  const selection = new Range(start.line, start.character, end.line, end.character);
  await window.showTextDocument(Uri.parse(uri), { selection, preview: false });
}

function isRefused(result: unknown): result is Refused {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'refused';
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
