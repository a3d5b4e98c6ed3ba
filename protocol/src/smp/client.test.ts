import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { FrameError, LinkError, SmpError } from '../errors.js';
import { ManualTimers, ScriptedLink } from '../test-support/index.js';
import { SmpClient, type SmpClientOptions, type SmpRequest } from './client.js';
import { OP } from './header.js';

const ask: SmpRequest = {
  op: 'read',
  group: 84,
  id: 1,
  body: entries([1, 7]),
  name: 'status',
  idempotent: true,
};
const once: SmpRequest = { ...ask, op: 'write', id: 5, name: 'clock', idempotent: false };
const answer = encode(entries([1, 42]));

interface Scene {
  readonly link: ScriptedLink;
  readonly timers: ManualTimers;
  readonly client: SmpClient;
  /** Codes of what the client reported. */
  readonly faults: string[];
}

function scene(options: SmpClientOptions = {}): Scene {
  const link = new ScriptedLink();
  const timers = new ManualTimers();
  const faults: string[] = [];
  const onFault = (error: { readonly code: string }): void => void faults.push(error.code);
  return {
    link,
    timers,
    faults,
    client: new SmpClient(link, { timers, timeoutMs: 100, onFault, ...options }),
  };
}

/** The error that a request ends with. */
async function failure(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    (value) => new Error(`resolved with ${String(value)}`),
    (error: unknown) => error,
  );
}

describe('a request', () => {
  it('is sent with its operation, group, id and body, and gets the answer that has its numbers', async () => {
    const { link, client, timers } = scene();
    const pending = client.request(ask);
    expect(link.sent[0]).toMatchObject({ op: OP.read, group: 84, id: 1, sequence: 0 });
    expect(toHex(link.sent[0]?.payload ?? new Uint8Array())).toBe('a10107');
    link.answer(0, answer);
    expect((await pending).get(1)).toBe(42);
    expect(timers.pending).toBe(0);
  });

  it('gets its own answer when answers come in another order', async () => {
    const { link, client } = scene();
    const all = [client.request(ask), client.request(once), client.request(ask)];
    for (const index of [2, 0, 1]) link.answer(index, encode(entries([1, index])));
    expect((await Promise.all(all)).map((map) => map.get(1))).toEqual([0, 1, 2]);
  });

  it('takes answers of indefinite length, as real servers send them', async () => {
    const { link, client } = scene();
    const pending = client.request(ask);
    link.answer(0, fromHex('bf0118 2aff'.replace(' ', '')));
    expect((await pending).get(1)).toBe(42);
  });

  it.each([
    ['an empty map', 'a0'],
    ['rc 0', 'bf62726300ff'],
  ])('succeeds on %s', async (_, hex) => {
    const { link, client } = scene();
    const pending = client.request(ask);
    link.answer(0, fromHex(hex));
    await expect(pending).resolves.toBeInstanceOf(Map);
  });

  it.each([
    ['version 1: {rc: 8}', new Map([['rc', 8]]), 84, 8],
    [
      'version 2: {err: {group: 84, rc: 3}}',
      new Map([
        [
          'err',
          new Map([
            ['rc', 3],
            ['group', 84],
          ]),
        ],
      ]),
      84,
      3,
    ],
    [
      'version 2 of another group',
      new Map([
        [
          'err',
          new Map([
            ['rc', 11],
            ['group', 0],
          ]),
        ],
      ]),
      0,
      11,
    ],
  ])('fails with what the device said (%s)', async (_, payload, group, rc) => {
    const { link, client } = scene();
    const failed = failure(client.request(ask));
    link.answer(0, encode(payload));
    expect(await failed).toMatchObject({ code: 'smp/device', group, rc });
  });

  it.each([
    ['an array', '80', 'smp/answer'],
    ['no CBOR', '', 'cbor/truncated'],
    ['a tag', 'c0a0', 'cbor/tag'],
    ['a string in chunks', 'a1617f7f6161ff', 'cbor/indefinite'],
  ])('fails by name when the answer is %s', async (_, hex, code) => {
    const { link, client } = scene();
    const failed = failure(client.request(ask));
    link.answer(0, fromHex(hex));
    expect(await failed).toMatchObject({ code });
  });
});

describe('time-outs', () => {
  it('say what was awaited, after the retries of an idempotent request', async () => {
    const { link, client, timers } = scene({ retries: 2 });
    const failed = failure(client.request(ask));
    timers.advance(299);
    expect(link.sent.map((packet) => packet.sequence)).toEqual([0, 1, 2]);
    timers.advance(1);
    const error = await failed;
    expect(error).toBeInstanceOf(SmpError);
    expect(error).toMatchObject({ code: 'smp/timeout', detail: { request: 'status', attempts: 3 } });
    expect(String(error)).toContain('no answer to "status" within 100 ms');
    expect(timers.pending).toBe(0);
  });

  it('never repeat a request that is not idempotent', async () => {
    const { link, client, timers } = scene();
    const failed = failure(client.request(once));
    timers.advance(1_000);
    expect(await failed).toMatchObject({ code: 'smp/timeout', detail: { attempts: 1 } });
    expect(link.sent).toHaveLength(1);
  });

  it('leave an answer to the earlier attempt unmatched, and take the one to the later', async () => {
    const { link, client, timers, faults } = scene();
    const pending = client.request(ask);
    timers.advance(100);
    link.answer(0, encode(entries([1, 1])));
    expect(faults).toEqual(['smp/unmatched']);
    link.answer(1, encode(entries([1, 2])));
    expect((await pending).get(1)).toBe(2);
  });

  it('do not fire for a request that was answered', async () => {
    const { link, client, timers } = scene();
    const pending = client.request(ask);
    timers.advance(99);
    link.answer(0, answer);
    timers.advance(1_000);
    await pending;
    expect(link.sent).toHaveLength(1);
  });
});

describe('answers that belong to no request', () => {
  it.each<[string, (link: ScriptedLink) => void]>([
    [
      'the same answer twice',
      (link) => {
        link.answer(0, answer);
        link.answer(0, answer);
      },
    ],
    [
      'another sequence number',
      (link) => {
        link.answer(0, answer, { sequence: 9 });
        link.answer(0, answer);
      },
    ],
    [
      'another group',
      (link) => {
        link.answer(0, answer, { group: 1 });
        link.answer(0, answer);
      },
    ],
    [
      'another command',
      (link) => {
        link.answer(0, answer, { id: 2 });
        link.answer(0, answer);
      },
    ],
    [
      'a write response to a read',
      (link) => {
        link.answer(0, answer, { op: OP.writeResponse });
        link.answer(0, answer);
      },
    ],
    [
      'a request from the far end',
      (link) => {
        link.answer(0, answer, { op: OP.read });
        link.answer(0, answer);
      },
    ],
  ])('are dropped and reported: %s', async (_, deliver) => {
    const { link, client, faults } = scene();
    const pending = client.request(ask);
    deliver(link);
    expect((await pending).get(1)).toBe(42);
    expect(faults).toEqual(['smp/unmatched']);
  });

  it('are reported when they are no packet at all, as is damage on the line', () => {
    const { link, faults } = scene();
    link.deliver(new Uint8Array(3));
    link.deliver(fromHex('0b00000200540001'));
    link.damage(new FrameError('frame/crc', 'the CRC does not match'));
    expect(faults).toEqual(['smp/header', 'smp/length', 'frame/crc']);
  });
});

describe('the window', () => {
  it('refuses one request too many, and takes it again when there is room', async () => {
    const { link, client } = scene({ window: 2 });
    const first = client.request(ask);
    const second = failure(client.request(ask));
    expect(await failure(client.request(ask))).toMatchObject({ code: 'smp/busy' });
    link.answer(0, answer);
    await first;
    const third = client.request(ask);
    link.answer(2, answer);
    expect((await third).get(1)).toBe(42);
    await client.close();
    expect(await second).toMatchObject({ code: 'link/closed' });
  });

  it('holds no more requests than sequence numbers can tell apart', async () => {
    const { link, client } = scene({ window: 1_000 });
    const all = Array.from({ length: 257 }, () => failure(client.request(ask)));
    expect(await all[256]).toMatchObject({ code: 'smp/busy' });
    expect(new Set(link.sent.map((packet) => packet.sequence)).size).toBe(256);
    await client.close();
  });

  it('passes over a sequence number that is still awaited when the numbers begin anew', async () => {
    const { link, client } = scene({ timeoutMs: 1e9 });
    const held = failure(client.request(ask));
    for (let i = 1; i <= 256; i++) {
      const pending = client.request(ask);
      link.answer(i, answer);
      await pending;
    }
    expect(link.sent.map((packet) => packet.sequence).slice(254)).toEqual([254, 255, 1]);
    await client.close();
    await held;
  });
});

describe('a link that closes', () => {
  it('fails every pending request, then every later one, and says why', async () => {
    const closed: (Error | undefined)[] = [];
    const { link, client, timers } = scene({ onClosed: (reason) => closed.push(reason) });
    const pending = [failure(client.request(ask)), failure(client.request(once))];
    link.lose(new Error('unplugged'));
    for (const error of await Promise.all(pending)) {
      expect(error).toBeInstanceOf(LinkError);
      expect(String(error)).toContain('unplugged');
    }
    expect(await failure(client.request(ask))).toMatchObject({ code: 'link/closed' });
    expect(closed.map(String)).toEqual(['Error: unplugged']);
    expect(timers.pending).toBe(0);
  });

  it('fails the request that could not be sent', async () => {
    const { link, client, timers } = scene();
    link.send = () => {
      throw new LinkError('link/closed', 'gone');
    };
    expect(await failure(client.request(ask))).toMatchObject({ code: 'link/closed' });
    expect(timers.pending).toBe(0);
  });
});
