import { Interpreter, type Outside } from '../../server/src/python/interpreter.ts';
import { ParsedPython } from '../../server/src/python/parsePython.ts';
import { type CallValue, stringOf, type Value } from '../../server/src/python/value.ts';

/** Somebody who knows nothing of what is outside the file, and notes the calls of `sent(…)`. */
export class Listener implements Outside {
  readonly calls: { readonly call: CallValue; readonly conditional: boolean }[] = [];
  guesses = 0;

  get done(): number {
    return this.calls.length;
  }

  called(call: CallValue, { conditional }: { readonly conditional: boolean }): undefined {
    if (call.callee.kind === 'external' && call.callee.path === 'sent')
      this.calls.push({ call, conditional });
  }

  attribute(): undefined {}

  entered({ value }: { readonly value: Value }): { readonly value: Value } {
    return { value };
  }

  discarded(): void {}

  stopped(): void {}

  guessed(): void {
    this.guesses++;
  }
}

/** The value of `x` after the file has run. */
export function valueOfX(text: string): Value | undefined {
  return new Interpreter(ParsedPython.of(text), new Listener()).global('x');
}

/** What `sent(…)` was called with, in order; "?" in front of what may not run, "…" for what is not known. */
export function sentBy(text: string): { readonly sent: readonly string[]; readonly guesses: number } {
  const listener = new Listener();
  new Interpreter(ParsedPython.of(text), listener).run('upgrade', listener, new Map());
  const sent = listener.calls.map(({ call, conditional }) => {
    const texts = call.args.map(({ value }) =>
      value.kind === 'number' ? value.text : (stringOf(value) ?? '…'),
    );
    return `${conditional ? '?' : ''}${texts.join(' ')}`;
  });
  return { sent, guesses: listener.guesses };
}
