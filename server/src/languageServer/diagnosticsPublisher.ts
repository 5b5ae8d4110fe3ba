import type { Documents } from './documents.ts';
import type { Connection } from './lsp.ts';
import { pathOf } from './uri.ts';
import { areSame, inMessage, type WrittenDiagnostic } from './writtenDiagnostics.ts';

/** Diagnostics for clients that do not ask: sent after an edit, and when something on disk has changed them. */
export class DiagnosticsPublisher {
  private readonly connection: Connection;
  private readonly documents: Documents;
  private readonly diagnose: (uri: string) => Promise<readonly WrittenDiagnostic[]>;
  private readonly folderOf: (path: string) => string;
  /** What the client was told last. */
  private readonly sent = new Map<string, readonly WrittenDiagnostic[]>();

  constructor(
    connection: Connection,
    documents: Documents,
    diagnose: (uri: string) => Promise<readonly WrittenDiagnostic[]>,
    folderOf: (path: string) => string,
  ) {
    this.connection = connection;
    this.documents = documents;
    this.diagnose = diagnose;
    this.folderOf = folderOf;
  }

  /** The document was opened or edited: its own diagnostics first, then those of its open neighbours. */
  async edited(uri: string): Promise<void> {
    await this.publish(uri, true);
    const path = pathOf(uri);
    if (path !== undefined) await this.folderChanged(this.folderOf(path), uri);
  }

  /** Sends what is new about the open documents of a folder. */
  async folderChanged(folder: string, except?: string): Promise<void> {
    for (const uri of this.documents.sync.keys()) {
      const path = pathOf(uri);
      if (uri === except || path === undefined || this.folderOf(path) !== folder) continue;
      await this.publish(uri, false);
    }
  }

  closed(uri: string): void {
    if (this.sent.delete(uri)) void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  private async publish(uri: string, always: boolean): Promise<void> {
    const diagnostics = await this.diagnose(uri);
    const document = this.documents.sync.get(uri);
    // It may have been closed meanwhile.
    if (!document) return;
    const before = this.sent.get(uri);
    if (!always && before !== undefined && areSame(before, diagnostics)) return;
    this.sent.set(uri, diagnostics);
    const { version } = document;
    await this.connection.sendDiagnostics({ uri, version, diagnostics: inMessage(diagnostics) });
  }
}
