/** What the embedded database's worker is given at its start. */
export interface WorkerStart {
  /** The server's files; made when they are not there. */
  readonly data: string;
  /** Whether they have to be made. */
  readonly create: boolean;
  /** As in EmbeddedProgram. */
  readonly assets: string;
  /** The compiled server. */
  readonly server: object;
  /** Names of extensions that migrations may create. */
  readonly extensions: readonly string[];
}

/** From the worker: what takes time now, that it can be talked to, that it could not start; else protocol bytes. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly sentence: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** To the worker: protocol bytes, whole messages each; or to shut the server down. */
export type ToWorker = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'close' };
