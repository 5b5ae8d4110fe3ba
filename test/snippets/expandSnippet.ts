/**
 * A snippet's text as VS Code inserts it when the person keeps every default: `$1` and `${1}` repeat the default that
 * `${1:…}` gives somewhere, `$0` is where the cursor ends, `\` escapes `$`, `}` and itself.
 */
export function expandSnippet(body: readonly string[]): string {
  const text = body.join('\n');
  const defaults = new Map<string, string>();
  // Once to learn the defaults, which may stand behind their first use, then to use them.
  expand(text, 0, '', defaults);
  return expand(text, 0, '', defaults).text;
}

function expand(
  text: string,
  from: number,
  until: string,
  defaults: Map<string, string>,
): { readonly text: string; readonly end: number } {
  let out = '';
  let at = from;
  while (at < text.length && !(until !== '' && text[at] === until)) {
    const placeholder = /^\$\{(\d+)(:|\})|^\$(\d+)/.exec(text.slice(at));
    if (text[at] === '\\' && /[$}\\]/.test(text[at + 1] ?? '')) {
      out += text[at + 1];
      at += 2;
    } else if (placeholder) {
      const [whole, braced, mark, bare] = placeholder;
      const number = braced ?? bare ?? '';
      at += whole.length;
      if (mark === ':') {
        const inner = expand(text, at, '}', defaults);
        if (text[inner.end] !== '}') throw new Error(`no end of $${number}`);
        defaults.set(number, inner.text);
        at = inner.end + 1;
      }
      out += defaults.get(number) ?? '';
    } else {
      if (text[at] === '$') throw new Error(`an unescaped $ in "${text.slice(at, at + 20)}"`);
      out += text[at];
      at += 1;
    }
  }
  return { text: out, end: at };
}
