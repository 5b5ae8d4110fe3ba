/** Takes the password out of a connection string, so that the rest of it can stand in a settings file. */
export function withoutPassword(text: string): { readonly text: string; readonly password?: string } {
  const url = /^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):([^@]*)@(.*)$/is.exec(text.trim());
  if (url) {
    const [, head = '', password = '', rest = ''] = url;
    return { text: `${head}@${rest}`, password: decoded(password) };
  }
  const inQuery = /([?&])password=([^&#]*)&?/i.exec(text);
  if (inQuery) {
    const [whole, mark = '', password = ''] = inQuery;
    const left = text.replace(whole, mark).replace(/[?&]$/, '');
    return { text: left, password: decoded(password.replaceAll('+', ' ')) };
  }
  const pair = /(^|\s)password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))/is.exec(text);
  if (pair && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const [whole, , quoted, plain] = pair;
    const password = (quoted ?? plain ?? '').replace(/\\(['\\])/g, '$1');
    return { text: text.replace(whole, ' ').trim(), password };
  }
  return { text };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
