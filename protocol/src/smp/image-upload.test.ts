import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CborMap, decodeLenient, encode } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import type { Link, LinkHandlers } from '../link.js';
import { ManualTimers } from '../testing/index.js';
import { SmpClient } from './client.js';
import { decodePacket, encodePacket, OP } from './header.js';
import { type ImageUploadResult, uploadImage } from './image-upload.js';
import { named } from './named.js';

const FILE = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 31) & 0xff);

/** A device that takes pieces in order, as Zephyr's does; requests and answers are lost as told. */
class Receiver implements Link {
  readonly name = 'receiver';
  readonly requests: CborMap[] = [];
  stored: number[] = [];
  private sha: Uint8Array | undefined;
  private length = 0;
  private handlers: LinkHandlers | undefined;

  constructor(
    private readonly fate: (request: number) => 'arrives' | 'request lost' | 'answer lost' | 'forgets' = () =>
      'arrives',
    private readonly answer?: (offset: number) => CborMap,
  ) {}

  readonly start = (handlers: LinkHandlers): void => {
    this.handlers = handlers;
  };

  readonly close = (): Promise<void> => Promise.resolve();

  readonly send = (bytes: Uint8Array): void => {
    const packet = decodePacket(bytes);
    const body = decodeLenient(packet.payload) as CborMap;
    const fate = this.fate(this.requests.push(body) - 1);
    if (fate === 'request lost') return;
    if (fate === 'forgets') this.forget();
    const offset = this.take(body);
    if (fate === 'answer lost') return;
    const payload = encode(this.answer?.(offset) ?? named({ off: offset }));
    queueMicrotask(() => this.handlers?.packet(encodePacket({ ...packet, op: OP.writeResponse, payload })));
  };

  private forget(): void {
    this.stored = [];
    this.sha = undefined;
    this.length = 0;
  }

  private take(body: CborMap): number {
    const [offset, data, sha] = [body.get('off'), body.get('data') as Uint8Array, body.get('sha')];
    if (offset === 0) {
      if (!(sha instanceof Uint8Array) || typeof body.get('len') !== 'number')
        throw new Error('a beginning without the fields of the first packet');
      if (this.sha !== undefined && Buffer.compare(sha, this.sha) === 0 && this.stored.length > 0)
        return this.stored.length;
      this.forget();
      this.sha = sha;
      this.length = body.get('len') as number;
    }
    if (offset === this.stored.length && this.stored.length + data.length <= this.length)
      this.stored.push(...data);
    return this.stored.length;
  }
}

async function send(receiver: Receiver, window = 3) {
  const timers = new ManualTimers();
  const client = new SmpClient(receiver, { timers, window: 32 });
  const upload = uploadImage(client, FILE, { packetBytes: 380, window });
  const outcome = upload.then(
    (result) => result,
    (error: unknown) => error,
  );
  const state = { isOver: false };
  void outcome.then(() => (state.isOver = true));
  for (let i = 0; i < 200 && !state.isOver; i++) await timers.run(1_000);
  return outcome;
}

const isUnsure = (outcome: unknown): boolean =>
  !(outcome instanceof Error) && !(outcome as ImageUploadResult).complete;

describe('an upload', () => {
  it('fills packets up to what the device takes, and names the whole file in the first', async () => {
    const receiver = new Receiver();
    expect(await send(receiver)).toEqual({ complete: true, match: undefined });
    expect(Uint8Array.from(receiver.stored)).toEqual(FILE);
    expect(receiver.requests[0]?.get('sha')).toEqual(sha256(FILE));
    expect(receiver.requests.filter((body) => body.has('len'))).toHaveLength(1);
    expect(receiver.requests).toHaveLength(15);
  });

  it('obeys the offset that is returned, and sends the first fields again when that is 0', async () => {
    const receiver = new Receiver((request) => (request === 6 ? 'forgets' : 'arrives'));
    expect(await send(receiver)).toMatchObject({ complete: true });
    expect(Uint8Array.from(receiver.stored)).toEqual(FILE);
    expect(receiver.requests.filter((body) => body.has('sha'))).toHaveLength(2);
  });

  it('goes on where an earlier one was broken off', async () => {
    const broken = new Receiver((request) => (request >= 8 ? 'request lost' : 'arrives'));
    await send(broken);
    expect(broken.stored.length).toBeGreaterThan(2_000);
    const again = new Receiver();
    Object.assign(again, { stored: broken.stored, sha: sha256(FILE), length: FILE.length });
    expect(await send(again)).toMatchObject({ complete: true });
    expect(again.requests.length).toBeLessThan(10);
  });

  it('arrives whole whatever is lost on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 5 }), fc.nat(3), async (losses, window) => {
        const kinds = ['request lost', 'answer lost', 'forgets'] as const;
        const receiver = new Receiver((request) =>
          losses.includes(request) ? (kinds[request % 3] ?? 'arrives') : 'arrives',
        );
        // One that is forgotten with its very last answer is to be looked for, and begun anew: as often as that happens.
        let outcome: unknown = { complete: false };
        for (let tries = 0; tries <= losses.length && isUnsure(outcome); tries++) {
          outcome = await send(receiver, window + 1);
        }
        expect(outcome).toMatchObject({ complete: true });
        expect(Uint8Array.from(receiver.stored)).toEqual(FILE);
      }),
      { numRuns: 100 },
    );
  });

  it('ends when the device gets nowhere, answers nonsense, refuses, or says nothing', async () => {
    const stuck = new Receiver(undefined, () => named({ off: 352 }));
    expect(await send(stuck)).toMatchObject({ code: 'smp/answer' });
    expect(await send(new Receiver(undefined, () => named({ off: 9_999 })))).toMatchObject({
      code: 'smp/answer',
    });
    const refusing = new Receiver(undefined, () => named({ err: named({ group: 1, rc: 9 }) }));
    expect(await send(refusing)).toMatchObject({ code: 'smp/device', group: 1, rc: 9 });
    expect(await send(new Receiver(undefined, () => named({ rc: 6 })))).toMatchObject({ code: 'smp/device' });
    const silent = new Receiver(() => 'request lost');
    expect(await send(silent)).toMatchObject({ code: 'smp/timeout' });
    expect(silent.requests).toHaveLength(4);
  });

  it('tells whether the device found the file right', async () => {
    const receiver = new Receiver(undefined, (off) =>
      named({ off, match: off === FILE.length ? false : undefined }),
    );
    expect(await send(receiver)).toEqual({ complete: true, match: false });
  });
});
