import { concat } from '@timeband/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAdverts } from './adverts.js';
import { AttGuard } from './att-guard.js';
import { ATT, BOUNDARY, u16 } from './codes.js';
import { isReadable } from './event-guard.js';
import { H4Parser } from './h4.js';
import { ATT_MTU, LinkGuard } from './link-guard.js';

const att = (...pdu: number[]): Uint8Array => Uint8Array.of(...u16(pdu.length), 4, 0, ...pdu);
const bytes = fc.uint8Array({ maxLength: 64 });

describe('the guard of a connection', () => {
  it('puts frames together however they are cut, and passes what was asked for', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 4, max: 27 }),
        (value, size) => {
          const guard = new LinkGuard();
          const frame = att(ATT.notification, 9, 0, ...value);
          const verdicts = [];
          for (let at = 0; at < frame.length; at += size) {
            const boundary = at === 0 ? BOUNDARY.controllerStart : BOUNDARY.continuing;
            verdicts.push(guard.received(boundary, frame.subarray(at, at + size)));
          }
          expect(verdicts.pop()).toEqual({ do: 'pass', pdu: frame.subarray(4) });
          expect(verdicts.every((verdict) => verdict.do === 'wait')).toBe(true);
        },
      ),
    );
  });

  it('gives a verdict on anything, and never holds more than one frame', () => {
    const fragments = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3), bytes), { maxLength: 40 });
    fc.assert(
      fc.property(fragments, (all) => {
        const guard = new LinkGuard();
        let waiting = 0;
        for (const [boundary, fragment] of all) {
          const verdict = guard.received(boundary, fragment);
          if (verdict.do === 'disconnect') return;
          waiting = verdict.do === 'wait' ? waiting + fragment.length : 0;
          expect(waiting).toBeLessThanOrEqual(ATT_MTU + 4);
        }
      }),
    );
  });

  it('hangs up on a frame that is longer than any MTU before it has grown', () => {
    const guard = new LinkGuard();
    expect(guard.received(BOUNDARY.controllerStart, Uint8Array.of(0xff, 0xff, 4, 0, 0x1b))).toEqual({
      ...{ do: 'disconnect', because: 'frame-overlong' },
    });
  });
});

describe('the guard of the attribute protocol', () => {
  const servicesRequest = Uint8Array.of(ATT.readByGroupRequest, 1, 0, 0xff, 0xff, 0, 0x28);

  it('passes a list that begins where it was asked to and only grows', () => {
    const guard = new AttGuard();
    guard.sent(servicesRequest);
    const list = Uint8Array.of(ATT.readByGroupResponse, 6, 1, 0, 5, 0, 0, 0x18, 6, 0, 9, 0, 1, 0x18);
    expect(guard.received(list)).toEqual({ do: 'pass', pdu: list });
  });

  it.each([
    ['does not grow', [6, 1, 0, 5, 0, 0, 0x18, 5, 0, 9, 0, 1, 0x18]],
    ['ends before it begins', [6, 5, 0, 1, 0, 0, 0x18]],
    ['has entries of no length', [0]],
    ['is empty', [6]],
    ['is cut short', [6, 1, 0, 5]],
  ])('hangs up on a list that %s, with which noble would loop or crash', (_, list) => {
    const guard = new AttGuard();
    guard.sent(servicesRequest);
    expect(guard.received(Uint8Array.of(ATT.readByGroupResponse, ...list)).do).toBe('disconnect');
  });

  it('hangs up on a characteristic whose value stands before it: discovery would begin again for ever', () => {
    const guard = new AttGuard();
    guard.sent(Uint8Array.of(ATT.readByTypeRequest, 3, 0, 0xff, 0xff, 0x03, 0x28));
    const list = Uint8Array.of(ATT.readByTypeResponse, 7, 100, 0, 0x10, 2, 0, 0, 0x2a);
    expect(guard.received(list).do).toBe('disconnect');
  });

  it.each([0x04, 0x05, 0x08, 0x0f])(
    'turns error 0x%s, at which noble would wait or pair, into one that it takes for an answer',
    (code) => {
      const guard = new AttGuard();
      guard.sent(servicesRequest);
      const verdict = guard.received(Uint8Array.of(ATT.error, ATT.readByGroupRequest, 1, 0, code));
      expect(verdict).toEqual({
        do: 'pass',
        pdu: Uint8Array.of(ATT.error, ATT.readByGroupRequest, 1, 0, 0x0e),
      });
    },
  );

  it('drops an answer that comes twice', () => {
    const guard = new AttGuard();
    guard.sent(Uint8Array.of(ATT.mtuRequest, 247, 0));
    const answer = Uint8Array.of(ATT.mtuResponse, 23, 0);
    expect([guard.received(answer).do, guard.received(answer).do]).toEqual(['pass', 'drop']);
  });

  it('judges any PDU after any request', () => {
    fc.assert(
      fc.property(bytes, bytes, (request, pdu) => {
        const guard = new AttGuard();
        guard.sent(request);
        expect(['pass', 'drop', 'disconnect']).toContain(guard.received(pdu).do);
      }),
    );
  });
});

describe('what a controller says', () => {
  it('is read as events or not at all, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), bytes, (code, parameters) => {
        expect(typeof isReadable(code, parameters)).toBe('boolean');
        const reports = readAdverts(concat(Uint8Array.of(2), parameters));
        for (const { data, address } of reports ?? []) {
          expect(data.length).toBeLessThanOrEqual(31);
          expect(address.bytes).toHaveLength(6);
        }
      }),
    );
  });

  it('comes out of H4 whole and in order however the line cuts it', () => {
    const packets = fc.array(
      fc.uint8Array({ maxLength: 40 }).map((data) => Uint8Array.of(4, 0x3e, data.length, ...data)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(packets, fc.integer({ min: 1, max: 9 }), (sent, size) => {
        const got: Uint8Array[] = [];
        const parser = new H4Parser({ packet: (packet) => got.push(packet), lostStep: () => expect.fail() });
        const stream = Buffer.from(concat(...sent));
        for (let at = 0; at < stream.length; at += size) parser.push(stream.subarray(at, at + size));
        stream.fill(0xee); // whoever owns the memory may use it again
        expect(got).toEqual(sent);
      }),
    );
  });

  it('is given up for good once it was out of step', () => {
    const got: string[] = [];
    const parser = new H4Parser({ packet: () => got.push('packet'), lostStep: () => got.push('lost') });
    parser.push(Uint8Array.of(7, 1, 2));
    parser.push(Uint8Array.of(4, 0x0e, 0));
    expect(got).toEqual(['lost']);
  });
});
