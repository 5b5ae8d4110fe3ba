import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Diagnostic, type Message, StreamMessageReader } from 'vscode-languageserver/node';
import { StreamWriter } from '../../server/src/languageServer/messageWriter.ts';
import { areSame, inMessage, written } from '../../server/src/languageServer/writtenDiagnostics.ts';
import { encode, WrittenJson } from '../../server/src/languageServer/writtenJson.ts';

const diagnostics: readonly Diagnostic[] = [
  { range: range(0, 0, 0, 0), severity: 1, code: 'a', source: 'skein', message: 'plain' },
  {
    range: range(9, 10, 99, 100),
    severity: 2,
    code: 'b',
    source: 'skein',
    message: 'ä "quoted" \\ 🐘 \u2028\n',
  },
  { range: range(999, 1000, 1_234_567, 4_294_967_295), message: '' },
];

function range(line: number, character: number, endLine: number, endCharacter: number): Diagnostic['range'] {
  return { start: { line, character }, end: { line: endLine, character: endCharacter } };
}

/** What the package's own reader makes of messages, one written after the other. */
async function sent(messages: readonly object[]): Promise<unknown[]> {
  const stream = new PassThrough();
  const read: unknown[] = [];
  const writer = new StreamWriter(stream);
  await new Promise<void>((resolve) => {
    new StreamMessageReader(stream).listen((message) => {
      if (read.push(message) === messages.length) resolve();
    });
    for (const message of messages) void writer.write({ jsonrpc: '2.0', ...message } as Message);
  });
  writer.end();
  return read;
}

test('messages arrive as they were given, in their order, whatever their characters', async () => {
  const messages = [
    { id: 1, result: null },
    { id: 2, result: { text: 'ä🐘 "\\' } },
    { id: 3, result: { text: 'x'.repeat(200_000) } },
  ];
  expect(await sent(messages)).toEqual(messages.map((message) => ({ jsonrpc: '2.0', ...message })));
});

test('written diagnostics arrive as if they had been given as they are', async () => {
  const items = inMessage(diagnostics.map(written));
  expect(await sent([{ id: 1, result: { kind: 'full', items, after: [inMessage([]), items] } }])).toEqual([
    { jsonrpc: '2.0', id: 1, result: { kind: 'full', items: diagnostics, after: [[], diagnostics] } },
  ]);
});

test('any other writer of JSON writes what is written already too', () => {
  const given = { a: new WrittenJson(Buffer.from('{"ä":[1]}')) };
  expect(JSON.parse(JSON.stringify(given))).toEqual({ a: { ä: [1] } });
  expect(Buffer.concat(encode(given)).toString()).toBe('{"a":{"ä":[1]}}');
});

test('a message that cannot be written is refused, and the next one is written', async () => {
  const stream = new PassThrough();
  const writer = new StreamWriter(stream);
  const circular: { jsonrpc: string; self?: object } = { jsonrpc: '2.0' };
  circular.self = circular;
  await expect(writer.write(circular)).rejects.toThrow(TypeError);
  await writer.write({ jsonrpc: '2.0' });
  expect(stream.read().toString()).toBe('Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"}');
});

test('a stream that fails is told of, and refuses the message', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('nobody reads')) });
  const writer = new StreamWriter(stream);
  const told: string[] = [];
  writer.onError(([error]) => told.push(error.message));
  const closed = new Promise<void>((resolve) => writer.onClose(() => resolve()));
  await expect(writer.write({ jsonrpc: '2.0' })).rejects.toThrow('nobody reads');
  await closed;
  expect(told).toContain('nobody reads');
});

test('the same diagnostics are told from others', () => {
  const before = diagnostics.map(written);
  const [first, second, third] = diagnostics as [Diagnostic, Diagnostic, Diagnostic];
  expect(areSame(before, diagnostics.map(written))).toBe(true);
  expect(areSame(before, [first, second].map(written))).toBe(false);
  expect(areSame(before, [first, third, second].map(written))).toBe(false);
  expect(areSame(before, [first, { ...second, message: 'other' }, third].map(written))).toBe(false);
  for (const moved of [range(1, 0, 0, 0), range(0, 1, 0, 0), range(0, 0, 1, 0), range(0, 0, 0, 1)]) {
    expect(areSame(before, [{ ...first, range: moved }, second, third].map(written))).toBe(false);
  }
});
