import {
  type Connection,
  DocumentFormattingRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
} from './lsp.ts';

/**
 * Registers what is for SQL alone. A Python file has an outline, foldings and a formatter from elsewhere: a second
 * formatter would make the editor ask which one to use. Rejects when the client refuses.
 */
export async function registerForSql(connection: Connection): Promise<void> {
  const options = { documentSelector: [{ scheme: 'file', language: 'sql' }] };
  await Promise.all([
    connection.client.register(DocumentSymbolRequest.type, options),
    connection.client.register(FoldingRangeRequest.type, options),
    connection.client.register(DocumentFormattingRequest.type, options),
    connection.client.register(DocumentRangeFormattingRequest.type, options),
  ]);
}
