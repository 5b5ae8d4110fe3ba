import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its private key, PEM each. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates (X.509, RFC 5280) that are good for an hour. */
export interface Authority {
  /** Its own certificate, PEM: who trusts it trusts all it has signed. */
  readonly certificate: string;
  /** For a server of this DNS name, or for a client of this user name. */
  issue(name: string): Certified;
}

/** A new authority, which nobody trusts yet. */
export function certificateAuthority(name: string): Authority {
  const own = keys();
  return {
    certificate: certificate(name, own.publicKey, name, own.privateKey, [extension('551d13', isAuthority)]),
    issue: (subject) => {
      const { publicKey, privateKey } = keys();
      const names = extension('551d11', der(0x30, der(0x82, Buffer.from(subject))));
      return {
        certificate: certificate(subject, publicKey, name, own.privateKey, [names]),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

function keys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

const hour = 3_600_000;

function certificate(
  subject: string,
  publicKey: KeyObject,
  issuer: string,
  issuerKey: KeyObject,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(ecdsaWithSha256);
  const now = Date.now();
  const content = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    commonName(issuer),
    sequence(utcTime(now - hour), utcTime(now + hour)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(content, algorithm, bitString(sign('sha256', content, issuerKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** An ASN.1 value in DER (X.690): its tag, its length, its content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function bitString(bytes: Uint8Array): Buffer {
  return der(0x03, Buffer.of(0), bytes);
}

function utcTime(milliseconds: number): Buffer {
  const [date = '', time = ''] = new Date(milliseconds).toISOString().split('T');
  return der(
    0x17,
    Buffer.from(`${date.replaceAll('-', '').slice(2)}${time.replaceAll(':', '').slice(0, 6)}Z`),
  );
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(name)))));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

const ecdsaWithSha256 = objectId('2a8648ce3d040302');
/** basicConstraints with cA. */
const isAuthority = sequence(der(0x01, Buffer.of(0xff)));
