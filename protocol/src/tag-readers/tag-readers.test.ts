import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import type { TagReaderError } from '../errors.js';
import { ManualTimers } from '../testing/index.js';
import {
  encodePn532Frame,
  encodeRdm6300,
  LineDecoder,
  PN532,
  Pn532Deframer,
  type Pn532Frame,
  Pn532Session,
  Rdm6300Decoder,
  readTagNumber,
  TAG_FORMS,
  TapFilter,
} from './index.js';

/** What a decoder said. */
function heard() {
  const tags: string[] = [];
  const codes: string[] = [];
  return {
    ...{ tags, codes },
    tag: (uid: Uint8Array) => tags.push(toHex(uid)),
    fault: (error: TagReaderError) => codes.push(error.code),
  };
}
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const uidOf = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .filter((uid) => uid.some((byte) => byte !== 0) && uid.some((byte) => byte !== 255));
const EM4100 = fromHex('0a00bc614e');

describe('the number of a tag', () => {
  it('is the same whichever reader reads it and however that writes it', () => {
    fc.assert(
      fc.property(uidOf(5), (uid) => {
        const said = heard();
        new Rdm6300Decoder(said).push(encodeRdm6300(uid));
        const view = new DataView(uid.buffer);
        const low = view.getUint32(1);
        const last = String(low % 2 ** 24).padStart(8, '0');
        const wiegand = `${String(view.getUint8(2)).padStart(3, '0')},${String(view.getUint16(3)).padStart(5, '0')}`;
        const numbers = [
          readTagNumber(toHex(uid).toUpperCase(), 'hex'),
          readTagNumber(String(low).padStart(10, '0'), 'decimal', uid.subarray(0, 1)),
          readTagNumber(last, 'decimal', uid.subarray(0, 2)),
          readTagNumber(wiegand, 'wiegand', uid.subarray(0, 2)),
          readTagNumber(wiegand.replace(',', ''), 'wiegand', uid.subarray(0, 2)),
        ];
        expect([...said.tags, ...numbers.map(toHex)]).toEqual(Array(6).fill(toHex(uid)));
      }),
    );
  });

  it.each([
    ['0012345678', 'decimal', undefined, 'tag/incomplete'],
    ['12345678', 'decimal', '0a', 'tag/incomplete'],
    ['4294967296', 'decimal', '0a', 'tag/number'],
    ['16777216', 'decimal', '0a00', 'tag/number'],
    ['256,00001', 'wiegand', '0a00', 'tag/number'],
    ['08010203', 'hex', undefined, 'tag/random'],
    ['0000000000', 'hex', undefined, 'tag/number'],
    ['0a00bc', 'hex', undefined, 'tag/number'],
    ['', 'hex', undefined, 'tag/number'],
  ] as const)('is not made of "%s" as %s with prefix %s', (digits, form, prefix, code) => {
    const read = () => readTagNumber(digits, form, prefix && fromHex(prefix));
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});

describe('an RDM6300', () => {
  it('is understood however its bytes are cut, with noise between its frames', () => {
    fc.assert(
      fc.property(fc.array(uidOf(5), { maxLength: 4 }), fc.nat(13), (uids, cut) => {
        const said = heard();
        const decoder = new Rdm6300Decoder(said);
        const bytes = concat(...uids.flatMap((uid) => [Uint8Array.of(0xff, 0x41, 0x03), encodeRdm6300(uid)]));
        decoder.push(bytes.subarray(0, cut));
        for (const byte of bytes.subarray(cut)) decoder.push(Uint8Array.of(byte));
        expect(said.tags).toEqual(uids.map(toHex));
        expect([said.codes, decoder.discarded]).toEqual([[], 3 * uids.length]);
      }),
    );
  });

  it('loses a frame that is damaged or half, and no other', () => {
    const whole = encodeRdm6300(EM4100);
    const cases = [
      [concat(whole.subarray(0, 6), whole), 'tag/frame'],
      [
        concat(
          Uint8Array.from(whole, (byte, i) => (i === 4 ? 0x31 : byte)),
          whole,
        ),
        'tag/checksum',
      ],
      [concat(Uint8Array.of(2), text('0A00BC614E991'), whole), 'tag/overlong'],
      [concat(Uint8Array.of(2), text('0A.'), whole), 'tag/frame'],
    ] as const;
    for (const [bytes, code] of cases) {
      const said = heard();
      new Rdm6300Decoder(said).push(bytes);
      expect([said.tags, said.codes]).toEqual([[toHex(EM4100)], [code]]);
    }
  });

  it('may have CR LF before the end, as an ID-12 has', () => {
    const said = heard();
    const whole = encodeRdm6300(EM4100);
    new Rdm6300Decoder(said).push(concat(whole.subarray(0, -1), text('\r\n'), Uint8Array.of(3)));
    expect([said.tags, said.codes]).toEqual([[toHex(EM4100)], []]);
  });
});

describe('a reader that types', () => {
  it('ends its lines with CR, LF or both, and one that is too long costs no other', () => {
    const said = heard();
    const timers = new ManualTimers();
    const decoder = new LineDecoder({ form: 'hex', timers }, said);
    decoder.push(text('0A00BC614E\r\n0A00BC614E\r0A00BC614E\n\n'));
    decoder.push(text(`${'0'.repeat(5_000)}\n 0A00BC614E \r`));
    expect(said.tags).toEqual(Array(4).fill(toHex(EM4100)));
    expect([said.codes, decoder.discarded]).toEqual([['tag/overlong'], 5_000]);
  });

  it('does not have half a line taken together with the next tag', () => {
    const said = heard();
    const timers = new ManualTimers();
    const decoder = new LineDecoder({ form: 'hex', timers }, said);
    decoder.push(text('0A00B'));
    timers.advance(2_000);
    decoder.push(text('0A00BC614E\r'));
    expect([said.tags, said.codes]).toEqual([[toHex(EM4100)], ['tag/frame']]);
  });
});

describe('frames of a PN532', () => {
  it('are found however they are cut, behind noise, and after one that is damaged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 255 }), fc.nat(300), (data, cut) => {
        const frames: Pn532Frame[] = [];
        const codes: string[] = [];
        const deframer = new Pn532Deframer({
          frame: (frame) => frames.push(frame),
          fault: ({ code }) => codes.push(code),
        });
        const bytes = concat(Uint8Array.of(0x80, 0x7e), PN532.ack, encodePn532Frame(data), PN532.nack);
        deframer.push(bytes.subarray(0, cut));
        deframer.push(bytes.subarray(cut));
        expect(frames).toEqual([{ kind: 'ack' }, { kind: 'data', data }, { kind: 'nack' }]);
        expect([codes, deframer.discarded]).toEqual([[], 2]);
      }),
    );
  });
});

describe('a conversation with a PN532', () => {
  const talk = () => {
    const said = heard();
    const timers = new ManualTimers();
    const written: Uint8Array[] = [];
    const lost: string[] = [];
    const session = new Pn532Session({
      ...{ timers, tag: said.tag, fault: said.fault, ready: () => undefined },
      write: (bytes) => written.push(bytes),
      lost: ({ code }) => lost.push(code),
    });
    return { ...said, timers, written, lost, session };
  };

  it('is given up when nobody answers, and writes nothing more then', () => {
    const { session, timers, written, lost } = talk();
    session.start();
    timers.advance(60_000);
    expect([lost, written.length, timers.pending]).toEqual([['tag/silent'], 9, 0]);
  });

  it('asks again for an answer that was damaged', () => {
    const { session, written, codes } = talk();
    session.start();
    const answer = encodePn532Frame(Uint8Array.of(0xd5, 0x15));
    session.push(
      concat(
        PN532.ack,
        Uint8Array.from(answer, (byte, i) => (i === 6 ? byte ^ 1 : byte)),
      ),
    );
    expect([codes, written.at(-1)]).toEqual([['tag/checksum'], PN532.nack]);
    session.push(answer);
    expect(written.at(-1)).toEqual(encodePn532Frame(Uint8Array.of(0xd4, 0x02)));
  });
});

describe('whatever bytes come', () => {
  it('decoders throw nothing, hold little and keep one timer', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .array(fc.constantFrom(0x00, 0xff, 0x02, 0x03, 0x0d, 0x30, 0xd5, 0x4b), { maxLength: 400 })
        .map((all) => Uint8Array.from(all)),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const said = heard();
        const timers = new ManualTimers();
        const session = new Pn532Session({
          ...{ timers, tag: said.tag, fault: said.fault },
          ...{ write: () => undefined, ready: () => undefined, lost: () => undefined },
        });
        const lines = TAG_FORMS.map(
          (form) => new LineDecoder({ form, timers, prefix: fromHex('0a00') }, said),
        );
        const decoders = [new Rdm6300Decoder(said), ...lines, session];
        session.start();
        const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        for (const chunk of chunks) {
          for (const decoder of decoders) decoder.push(chunk);
          timers.advance(100);
        }
        expect(timers.pending).toBeLessThanOrEqual(1);
        for (const { discarded } of decoders) expect(discarded).toBeLessThanOrEqual(length);
        for (const code of said.codes) expect(code).toMatch(/^tag\//);
      }),
    );
  });
});

describe('a tap', () => {
  it('is all the times that a tag is seen while it is held there, and begins anew once it was gone', () => {
    const timers = new ManualTimers();
    const filter = new TapFilter(timers, 1_000);
    const begun = [];
    for (const wait of [0, 65, 900, 999, 1_000, 5]) {
      timers.advance(wait);
      begun.push(filter.begins(EM4100));
    }
    expect(begun).toEqual([true, false, false, false, true, false]);
    expect(filter.begins(fromHex('0a00bc614f'))).toBe(true);
  });
});
