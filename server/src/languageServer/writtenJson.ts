import { randomUUID } from 'node:crypto';

/** Stands in a text for what is put in there later. Nobody who writes a migration can know it. */
const MARK = randomUUID();
const QUOTED_MARK = JSON.stringify(MARK);

/** What `encode` has met so far; undefined while it is not at work. */
let met: WrittenJson[] | undefined;

/** A part of a message that is JSON already: JSON.rawJSON, which Node 20 does not have. */
export class WrittenJson {
  readonly bytes: Uint8Array;

  /** `bytes` are a value in JSON, in UTF-8. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Any writer of JSON writes the value; `encode` does it without reading the bytes. */
  toJSON(): unknown {
    if (met === undefined) return JSON.parse(Buffer.from(this.bytes).toString());
    met.push(this);
    return MARK;
  }
}

/** The value in JSON as JSON.stringify writes it, in UTF-8: in at least one piece, which stand one after the other. */
export function encode(value: object): readonly Uint8Array[] {
  met = [];
  try {
    const texts = JSON.stringify(value).split(QUOTED_MARK);
    const written = met;
    return texts.flatMap((text, i) => [
      Buffer.from(text),
      ...(written[i] === undefined ? [] : [written[i].bytes]),
    ]);
  } finally {
    met = undefined;
  }
}
