import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advertKey,
  bandAdvertisingData,
  COMMAND,
  concat,
  encode,
  encodeFrame,
  encodePacket,
  fromHex,
  OP,
  privateAddress,
  sealAdvert,
  snoopHeader,
  snoopRecord,
  TIMEBAND_GROUP,
  toHex,
} from '@timeband/protocol';
import { NOW, status } from '../../test-support/device.js';
import { CaptureError, describeExchange, exchangeJson, readCapture, type ShowOptions } from './index.js';

const packet = (op: 0 | 1, body: Parameters<typeof encode>[0]): Uint8Array =>
  encodePacket({ op, group: TIMEBAND_GROUP, sequence: 7, id: COMMAND.status.id, payload: encode(body) });
const request = packet(OP.read, COMMAND.status.encodeRequest({ seen: 41 }));
const answer = packet(OP.readResponse, COMMAND.status.encodeAnswer(status));
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const brief = (bytes: Uint8Array, options: Partial<ShowOptions> = {}): string[] =>
  readCapture(bytes).map((exchange) => describeExchange(exchange, { now: NOW, isBrief: true, ...options }));

describe('a capture of a serial line', () => {
  it('is shown as what was asked, answered and printed by a console between', () => {
    const bytes = concat(
      text('*** Booting ***\r\n'),
      encodeFrame(request),
      text('I: tap\u001b[2J\n'),
      encodeFrame(answer),
    );
    expect(brief(bytes)).toEqual([
      '· console: *** Booting ***',
      '→ SMP packet, 12 bytes: status asks: seen 41',
      '· console: I: tap·[2J',
      '← SMP packet, 17 bytes: status answers: head 42, sealed 30, boot 3, full false',
    ]);
  });

  it('shows the bytes beside their meaning', () => {
    const [exchange] = readCapture(encodeFrame(request));
    if (exchange === undefined) throw new Error('nothing was read');
    expect(describeExchange(exchange, { now: NOW })).toMatch(/a1 +# a map of 1\n +01 18 29 # seen: 41/);
    expect(exchangeJson(exchange, { now: NOW })).toMatchObject({
      ...{ kind: 'packet', direction: 'to device', bytes: toHex(request), says: 'status asks: seen 41' },
    });
  });

  it('says what is broken in it, and goes on', () => {
    const broken = Uint8Array.from(encodeFrame(request), (byte, i) => (i === 6 ? byte ^ 1 : byte));
    expect(brief(concat(broken, encodeFrame(answer)))).toEqual([
      expect.stringMatching(/^· no packet: .* \(frame\/base64\)$/),
      expect.stringContaining('status answers'),
    ]);
  });

  it('is refused where nothing of SMP is in it', () => {
    expect(() => readCapture(text('hello\n'))).toThrow(CaptureError);
  });
});

/** HCI packets with their H4 type byte. */
const acl = (handle: number, begin: boolean, payload: Uint8Array): Uint8Array =>
  concat(
    Uint8Array.of(
      2,
      handle & 0xff,
      (handle >> 8) | (begin ? 0x20 : 0x10),
      payload.length & 0xff,
      payload.length >> 8,
    ),
    payload,
  );
const att = (opcode: number, attribute: number, value: Uint8Array): Uint8Array =>
  concat(
    Uint8Array.of((value.length + 3) & 0xff, (value.length + 3) >> 8, 4, 0, opcode, attribute, 0),
    value,
  );
const leEvent = (subevent: number, body: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(4, 0x3e, body.length + 1, subevent), body);
const ADDRESS = fromHex('7081940dfbaa');
const littleEndian = ADDRESS.slice().reverse();
const connected = leEvent(1, concat(Uint8Array.of(0, 0x40, 0, 0, 1), littleEndian, new Uint8Array(7)));

function capture(...packets: readonly (readonly [isToHost: boolean, bytes: Uint8Array])[]): Uint8Array {
  const records = packets.map(([isToHost, bytes], i) => snoopRecord(bytes, isToHost, 1_750_000_000_000 + i));
  return concat(snoopHeader(), ...records);
}

describe('a capture of the radio', () => {
  it('is shown as packets put together from writes and notifications, whatever pieces they came in', () => {
    const write = att(0x52, 0x12, request);
    const bytes = capture(
      [true, connected],
      [false, acl(0x40, true, write.subarray(0, 9))],
      [false, acl(0x40, false, write.subarray(9))],
      [true, acl(0x40, true, att(0x1b, 0x12, answer.subarray(0, 10)))],
      [true, acl(0x40, true, att(0x1b, 0x12, answer.subarray(10)))],
      [true, Uint8Array.of(4, 5, 4, 0, 0x40, 0, 0x13)],
    );
    expect(brief(bytes).map((line) => line.slice(13))).toEqual([
      '70:81:94:0d:fb:aa · connected',
      '70:81:94:0d:fb:aa → SMP packet, 12 bytes: status asks: seen 41',
      '70:81:94:0d:fb:aa ← SMP packet, 17 bytes: status answers: head 42, sealed 30, boot 3, full false',
      '70:81:94:0d:fb:aa · disconnected',
    ]);
  });

  it('shows what a band says in its adverts to who has its key', () => {
    const irk = fromHex('ec0234a357c8ad05341010a60a397d9b');
    const address = privateAddress(irk, fromHex('708194'));
    const state = { help: true, pressed: false, full: false, clockUnset: false, battery: 80, waiting: 3 };
    const data = bandAdvertisingData(sealAdvert(advertKey(irk), address, 7, state));
    const report = concat(
      Uint8Array.of(1, 0, 1),
      address.slice().reverse(),
      Uint8Array.of(data.length),
      data,
      Uint8Array.of(0xc4),
    );
    const bytes = capture([true, leEvent(2, report)]);
    expect(brief(bytes)[0]).toContain('advert, 31 bytes: of a band of some site, -60 dBm');
    const extended = concat(
      Uint8Array.of(1, 0x13, 0, 1),
      address.slice().reverse(),
      Uint8Array.of(1, 0, 0xff, 127, 0xc4, ...new Array<number>(9).fill(0), data.length),
      data,
    );
    expect(brief(capture([true, leEvent(0x0d, extended)]))).toEqual(brief(bytes));
    expect(brief(bytes, { bands: [{ device: 'band-7', irk }] })[0]).toContain(
      'of band-7: help, pressed false',
    );
  });

  it('is read up to where it was cut off, and whatever is in it', () => {
    const whole = capture([true, connected], [false, acl(0x40, true, att(0x52, 0x12, request))]);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 40 }), (length, rest) => {
        const bytes = concat(
          whole.subarray(0, Math.max(16, length)),
          snoopRecord(concat(Uint8Array.of(2), rest), true, 0),
        );
        try {
          for (const exchange of readCapture(bytes)) describeExchange(exchange, { now: NOW });
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^frame/) as string });
        }
      }),
      { numRuns: 200 },
    );
  });
});
