import type { ClientCapabilities, ResourceOperationKind } from './lsp.ts';

/** What the editor at the other end can do, as far as it decides what the server says. */
export interface ClientAbilities {
  /** It asks for diagnostics; else they are sent to it. */
  readonly pull: boolean;
  /** It can be told to ask again. */
  readonly refresh: boolean;
  readonly relatedInformation: boolean;
  /** It shows where a diagnostic's code is documented. */
  readonly codeDescription: boolean;
  /** Edits may name document versions, and create or rename files where `resourceOperations` says so. */
  readonly documentChanges: boolean;
  readonly resourceOperations: readonly ResourceOperationKind[];
  /** It can show an edit before it is made. */
  readonly changeAnnotations: boolean;
  readonly codeActions: boolean;
  /** It shows actions that cannot be done, and why. */
  readonly disabledActions: boolean;
  readonly watchFiles: boolean;
  readonly workspaceFolders: boolean;
  /** It takes outlines, foldings and formatting for one language of several. */
  readonly perLanguage: boolean;
}

export function abilitiesOf({ textDocument, workspace }: ClientCapabilities): ClientAbilities {
  const published = textDocument?.publishDiagnostics;
  const pulled = textDocument?.diagnostic;
  return {
    pull: pulled !== undefined,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    relatedInformation: (pulled?.relatedInformation ?? published?.relatedInformation) === true,
    codeDescription: (pulled?.codeDescriptionSupport ?? published?.codeDescriptionSupport) === true,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    resourceOperations: workspace?.workspaceEdit?.resourceOperations ?? [],
    changeAnnotations: workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
    codeActions: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    disabledActions: textDocument?.codeAction?.disabledSupport === true,
    watchFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    perLanguage: [
      textDocument?.documentSymbol,
      textDocument?.foldingRange,
      textDocument?.formatting,
      textDocument?.rangeFormatting,
    ].every((each) => each?.dynamicRegistration === true),
  };
}
