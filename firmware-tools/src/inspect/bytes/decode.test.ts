import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, fromHex, toHex } from '@timeband/protocol';
import { uncommented } from '@timeband/protocol/cbor-text';
import { bytesOf, parseVectorFile, type VectorFile } from '@timeband/protocol/vectors';
import { certificate, issuerCertificate, NOW } from '../../test-support/device.js';
import { receiptOf } from '../../test-support/receipts.js';
import {
  decodeBytes,
  decodeInput,
  describeFinding,
  type Finding,
  readInput,
  readText,
  worst,
} from './index.js';

const FOLDER = new URL('../../../../protocol/vectors/', import.meta.url);
const now = NOW;

/** What every valid case of a file of vectors has to be called. */
const CALLED: Readonly<Record<string, string>> = {
  ack: 'ack',
  answer: 'answer to a challenge',
  certificate: 'certificate',
  clock: 'clock document',
  grant: 'grant',
  'issuer-certificate': 'certificate',
  policy: 'policy document',
  'portable-receipt': 'portable receipt',
  possession: 'proof of possession of a key',
  record: 'record',
  'record-attest': 'record',
  'record-correct': 'record',
  'record-device': 'record',
  'record-redeem': 'record',
  seal: 'seal',
  'serial-frame': 'serial line',
  'smp-command': 'SMP packet',
  'smp-packet': 'SMP packet',
  'tree-head': 'tree head',
  event: 'event message',
  wipe: 'order to wipe',
};

function vectorsOf(name: string): VectorFile {
  return parseVectorFile(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')));
}

const decode = (bytes: Uint8Array): Finding => decodeBytes(bytes, { now });

describe('the published vectors', () => {
  it.each(Object.entries(CALLED))('of %s are told by their bytes alone: %s', (name, what) => {
    for (const one of vectorsOf(name).cases.filter(({ verdict }) => verdict === 'valid')) {
      const finding = decode(bytesOf(one));
      expect.soft(finding.what, one.name).toBe(what);
      expect
        .soft(worst(finding), `${one.name}\n${describeFinding(finding, { isBrief: true })}`)
        .not.toBe('bad');
    }
  });

  it('are all shown to the last byte, the broken ones too', () => {
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
      for (const one of vectorsOf(file.slice(0, -5)).cases) {
        const bytes = bytesOf(one);
        const finding = decode(bytes);
        if (finding.lines.length > 0)
          expect(uncommented(finding.lines), `${file}: ${one.name}`).toBe(toHex(bytes));
      }
    }
  });

  it.each(['frame/overlong', 'frame/base64', 'frame/length', 'frame/crc', 'frame/orphan', 'frame/truncated'])(
    'broken by %s are said to be so',
    (code) => {
      for (const one of vectorsOf('serial-frame').cases.filter(({ verdict }) => verdict === code))
        expect(decode(bytesOf(one)).verdicts.map((verdict) => verdict.code)).toContain(code);
    },
  );
});

describe('decoding', () => {
  it('never fails, and keeps every byte, whatever the bytes are', () => {
    const starts = fc.constantFrom('', '0609', 'd284', 'd83dd284', '0900000a00540701', 'a7', '020106', '82');
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 120 }), (start, rest) => {
        const bytes = fromHex(start + toHex(rest));
        expect(uncommented(decode(bytes).lines)).toBe(toHex(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('checks what it can by the issuer, and says what it cannot', () => {
    const issuer = issuerCertificate;
    expect(decodeBytes(certificate, { now, issuer }).verdicts.at(-1)?.holds).toBe(true);
    expect(decodeBytes(certificate, { now }).verdicts.at(-1)?.holds).toBeUndefined();
    expect(decodeBytes(certificate, { now: NOW + 1_000, issuer }).verdicts.at(-1)?.code).toBe('cert/expired');
    const spoiled = Uint8Array.from(certificate, (byte, i) =>
      i === certificate.length - 1 ? byte ^ 1 : byte,
    );
    expect(decodeBytes(spoiled, { now, issuer }).verdicts.at(-1)?.code).toBe('cert/signature');
  });

  it('checks a receipt and shows the event and the record in it', () => {
    const finding = decodeBytes(receiptOf(2), { now, issuer: issuerCertificate });
    expect(worst(finding)).not.toBe('bad');
    expect(finding.verdicts[0]?.says).toContain('gw-1');
    expect(finding.parts[0]?.parts[0]?.says).toContain('punch: direction out, service 101');
  });

  it('judges what is in a packet in a frame', () => {
    const [answer] = vectorsOf('smp-command').cases.filter(
      ({ name }) => name === 'certificate, read: answer',
    );
    const finding = decode(encodeFrame(answer === undefined ? new Uint8Array() : bytesOf(answer)));
    expect(finding.parts[0]?.parts[0]?.what).toBe('certificate');
  });
});

describe('input', () => {
  const bytes = fromHex('a2010a0215');
  it.each([
    ['hexadecimal', 'a2010a0215'],
    ['hexadecimal with blanks and colons', 'A2:01 0a\n02 15'],
    ['hexadecimal with 0x', '0xa2, 0x01, 0x0a, 0x02, 0x15'],
    ['commented hexadecimal', 'a2 # a map\n  01 0a # ten\n  02 15'],
    ['base64', 'ogEKAhU='],
    ['base64url without padding', 'ogEKAhU'],
    ['a dump of xxd', '00000000: a201 0a02 15                             .....'],
    ['a dump of hexdump -C', '00000000  a2 01 0a 02 15                                    |.....|\n00000005'],
  ])('is taken as %s', (_, text) => {
    const input = readText(text);
    expect('bytes' in input ? toHex(input.bytes) : input).toBe(toHex(bytes));
  });

  it('from a file is bytes where it is no text', () => {
    expect(readInput(bytes)).toEqual({ form: 'bytes', bytes });
    expect(readInput(new TextEncoder().encode('a2010a0215\n'))).toMatchObject({ form: 'hex' });
  });

  it.each(['', 'hello world!', 'a2010', '-----BEGIN PRIVATE KEY-----', 'TB1:?'])(
    'of "%s" is refused with words',
    (text) => {
      expect(readText(text)).toMatchObject({ form: 'unreadable' });
    },
  );

  it('as the JSON twin of an event is compared with the event in it', () => {
    const [twin] = vectorsOf('json-twin').cases;
    const text = JSON.stringify(twin?.decoded);
    expect(text).toBeDefined();
    const input = readText(text);
    if (input.form === 'unreadable') throw new Error(input.why);
    const finding = decodeInput(input, { now });
    expect(finding.what).toBe('JSON twin of an event');
  });
});
