import type {
  ShowHistoryFindingsCommand,
  StatusParams,
} from '../../../server/src/languageServer/protocol.ts';
import type { ServerState } from '../languageClient.ts';

/** The server's own command: the client that talks to it registers it. */
const showHistoryFindings: ShowHistoryFindingsCommand = 'skein.showHistoryFindings';

export interface StatusText {
  /** With VS Code's `$(icon)`s. */
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  /** What a click does. */
  readonly command: string;
}

/**
 * What the status bar says while `status` is what is known of the file in the active editor. Undefined: nothing, the
 * file is no migration.
 */
export function statusText(state: ServerState, status: StatusParams | undefined): StatusText | undefined {
  if (state === 'starting') {
    return { text: '$(sync~spin) Skein', tooltip: 'Skein is starting.', command: 'skein.showLog' };
  }
  if (state === 'stopped') {
    return {
      text: '$(error) Skein',
      tooltip: 'Skein’s language server is not running. Click to start it again.',
      command: 'skein.restartServer',
    };
  }
  if (status?.tool === undefined) return undefined;
  const { errors, warnings, tool, loading, hidden = 0 } = status;
  const counts = [
    ...(errors > 0 ? [`$(error) ${errors}`] : []),
    ...(warnings > 0 ? [`$(warning) ${warnings}`] : []),
  ];
  const icons = loading ? ['$(sync~spin)'] : counts.length > 0 ? counts : ['$(check)'];
  const sentences = [
    `${sentence(errors, warnings)} in this ${tool === 'plain' ? 'numbered SQL' : tool} migration.`,
    ...(hidden > 0 ? [`${hiddenSentence(hidden)} Click to show them.`] : []),
    ...(loading ? ['The other migrations of its folder are still being read.'] : []),
  ];
  return {
    text: `Skein ${[...icons, ...(hidden > 0 ? [`$(history) ${hidden}`] : [])].join(' ')}`,
    tooltip: sentences.join('\n\n'),
    command: hidden > 0 ? showHistoryFindings : 'workbench.actions.view.problems',
  };
}

function hiddenSentence(hidden: number): string {
  const findings = hidden === 1 ? 'One more finding is' : `${hidden} more findings are`;
  return `${findings} hidden, because the file is the same on the base branch.`;
}

function sentence(errors: number, warnings: number): string {
  const parts = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  return parts.length === 0 ? 'No errors or warnings' : parts.join(' and ');
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
