import type { Writable } from 'node:stream';
import { AbstractMessageWriter, type Message, type MessageWriter } from './lsp.ts';
import { encode } from './writtenJson.ts';

/**
 * Writes messages to a stream as the Language Server Protocol has them, each in one go, where the package's own writer
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
      const pieces = encode(message);
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      // The system takes them together: hundreds of kilobytes need not be copied for that.
      this.stream.cork();
      this.stream.write(Buffer.from(`Content-Length: ${length}\r\n\r\n`));
      for (const piece of pieces.slice(0, -1)) this.stream.write(piece);
      this.stream.write(pieces.at(-1), (error) => {
        if (!error) return resolve();
        this.fireError(error, message, ++this.failures);
        reject(error);
      });
      this.stream.uncork();
    });
  }

  end(): void {
    this.stream.end();
  }
}
