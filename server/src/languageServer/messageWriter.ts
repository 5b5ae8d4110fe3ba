import type { Writable } from 'node:stream';
import { AbstractMessageWriter, type Message, type MessageWriter } from './lsp.ts';
import { encode } from './writtenJson.ts';

/**
 * Writes messages to a stream as the Language Server Protocol has them, each in one piece, where the package's own writer
 * takes two; and takes what is JSON already as it stands.
 */
export class StreamWriter extends AbstractMessageWriter implements MessageWriter {
  private readonly stream: Writable;
  private failures = 0;

  constructor(stream: Writable) {
    super();
    this.stream = stream;
    stream.on('error', (error) => this.fireError(error));
    stream.on('close', () => this.fireClose());
  }

  /** Resolves when the stream has taken the message. */
  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      const text = encode(message);
      const head = Buffer.from(`Content-Length: ${text.length}\r\n\r\n`);
      this.stream.write(Buffer.concat([head, text]), (error) => {
        if (!error) return resolve();
        this.fireError(error, message, ++this.failures);
        reject(error);
      });
    });
  }

  end(): void {
    this.stream.end();
  }
}
