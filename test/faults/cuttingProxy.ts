import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a PostgreSQL that cuts one connection between two messages of the protocol. */
export interface CuttingProxy {
  readonly port: number;
  /** Whether it has cut since `cutAt` was called. */
  readonly hasCut: () => boolean;
  /** Passes so many messages on, in both directions together, and cuts instead of the next; never when undefined. */
  cutAt(messages: number | undefined): void;
  close(): Promise<void>;
}

export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  let passed = 0;
  let limit: number | undefined;
  let hasCut = false;
  const sockets = new Set<Socket>();

  /** Says whether a message may go on. The one that may not ends the connection. */
  const admit = (): boolean => {
    if (limit !== undefined && passed >= limit) {
      limit = undefined;
      hasCut = true;
      return false;
    }
    passed++;
    return true;
  };

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    relay(client, upstream, true, admit, cut);
    relay(upstream, client, false, admit, cut);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    hasCut: () => hasCut,
    cutAt: (messages) => {
      passed = 0;
      hasCut = false;
      limit = messages;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The first message of a client has no letter before its length (PostgreSQL documentation, "Message Formats"). */
function relay(from: Socket, to: Socket, fromClient: boolean, admit: () => boolean, cut: () => void): void {
  let waiting = Buffer.alloc(0);
  let first = fromClient;
  let open = true;
  from.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (open) {
      const letter = first ? 0 : 1;
      if (waiting.length < letter + 4) return;
      const length = letter + waiting.readInt32BE(letter);
      if (waiting.length < length) return;
      first = false;
      if (!admit()) {
        open = false;
        return cut();
      }
      to.write(waiting.subarray(0, length));
      waiting = waiting.subarray(length);
    }
  });
}
