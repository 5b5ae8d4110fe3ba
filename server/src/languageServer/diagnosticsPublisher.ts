import { isDeepStrictEqual } from 'node:util';
import type { Connection, Diagnostic } from 'vscode-languageserver/node';
import type { Documents } from './documents.ts';
import { pathOf } from './uri.ts';

/** Diagnostics for clients that do not ask: sent after an edit, and when something on disk has changed them. */
export class DiagnosticsPublisher {
  private readonly connection: Connection;
  private readonly documents: Documents;
  private readonly diagnose: (uri: string) => Promise<Diagnostic[]>;
  private readonly folderOf: (path: string) => string;
  private readonly sent = new Map<string, readonly Diagnostic[]>();

  constructor(
    connection: Connection,
    documents: Documents,
    diagnose: (uri: string) => Promise<Diagnostic[]>,
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
    if (!always && isDeepStrictEqual(this.sent.get(uri), diagnostics)) return;
    this.sent.set(uri, diagnostics);
    await this.connection.sendDiagnostics({ uri, version: document.version, diagnostics });
  }
}
