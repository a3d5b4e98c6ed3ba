/** The gateway is killed without warning, again and again, while readers go on tapping. */
import { createServer, type AddressInfo } from 'node:net';
import { Store } from '@timeband/gateway';
import { equalBytes, toHex } from '@timeband/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Centre, type VerifyingClient } from './support/centre.js';

const KILLS = 4;
const READERS = 3;

/** A port that was free a moment ago: the broker has to come back under the same one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a gateway that is killed in the middle of its work', () => {
  let centre: Centre;
  let client: VerifyingClient;
  beforeAll(async () => {
    centre = await Centre.create(await freePort());
  });
  afterAll(() => centre.close());

  it('loses nothing and says nothing twice', async () => {
    let gateway = await centre.startGateway();
    client = await centre.subscribe();
    const readers = await Promise.all(
      Array.from({ length: READERS }, (_, i) =>
        centre.startReader(`reader-${i + 1}`, [
          '--rate',
          '1200',
          '--bands',
          '40',
          '--sign-ms',
          '5',
          '--seed',
          String(i),
        ]),
      ),
    );
    for (let kill = 1; kill <= KILLS; kill++) {
      const before = client.events.length;
      // A different moment each time: in the middle of whatever follows this many events.
      await client.until((events) => events.length >= before + 20 + kill * 13);
      gateway.child.kill();
      await gateway.child.ended;
      gateway = await centre.startGateway();
    }
    const logged = await Promise.all(
      readers.map((reader) => {
        reader.tell('stop-taps');
        reader.tell('status');
        return reader.expect((m) =>
          typeof m['logged'] === 'number' && 'head' in m ? m['logged'] : undefined,
        );
      }),
    );
    const total = logged.reduce((sum, count) => sum + count, 0);
    const recordOf = ({ event }: VerifyingClient['events'][number]): string =>
      `${toHex(event.logId)}/${event.logSeq}`;
    await client.until((events) => new Set(events.map(recordOf)).size >= total);
    expect(client.bad).toEqual([]);

    // Delivery is at least once; what is delivered again is the very same event.
    const bySeq = new Map(client.events.map((received) => [received.event.seq, received]));
    for (const received of client.events) {
      expect(equalBytes(received.hash, bySeq.get(received.event.seq)?.hash ?? new Uint8Array())).toBe(true);
    }
    const events = [...bySeq.values()].sort((a, b) => a.event.seq - b.event.seq);
    expect(events.map(({ event }) => event.seq)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    for (const [i, { event }] of events.entries()) {
      if (i > 0) expect(equalBytes(event.previous, events[i - 1]?.hash ?? new Uint8Array())).toBe(true);
    }
    expect(new Set(events.map(recordOf)).size).toBe(total);

    await gateway.child.end();
    const store = new Store(String(centre.files['database']));
    expect(store.totals()).toMatchObject({ logs: READERS, records: total, events: total, quarantined: 0 });
    store.close();
  }, 90_000);
});
