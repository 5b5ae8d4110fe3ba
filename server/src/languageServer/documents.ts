import { TextDocument } from 'vscode-languageserver-textdocument';
import { TextDocuments } from './lsp.ts';
import { pathOf, uriOf } from './uri.ts';

/** The documents that are open in the editor, by URI and by path. */
export class Documents {
  readonly sync = new TextDocuments(TextDocument);
  /** URIs as the client spells them: it takes no other spelling for the same document. */
  private readonly uris = new Map<string, string>();

  constructor() {
    this.sync.onDidOpen(({ document }) => {
      const path = pathOf(document.uri);
      if (path !== undefined) this.uris.set(path, document.uri);
    });
    this.sync.onDidClose(({ document }) => {
      const path = pathOf(document.uri);
      if (path !== undefined) this.uris.delete(path);
    });
  }

  at(path: string): TextDocument | undefined {
    return this.sync.get(this.uri(path));
  }

  uri(path: string): string {
    return this.uris.get(path) ?? uriOf(path);
  }
}
