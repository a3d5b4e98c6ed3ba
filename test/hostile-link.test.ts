/** Hostile readers on real pseudo-terminals beside a good one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Centre, type VerifyingClient } from './support/centre.js';

const HOSTILE = {
  garbage: 'frame/base64',
  stranger: 'cert/untrusted-issuer',
  'cbor-deep': 'cbor/too-deep',
  'seal-bad-signature': 'seal/signature',
} as const;

describe('hostile readers', () => {
  let centre: Centre;
  let client: VerifyingClient;
  beforeAll(async () => {
    centre = await Centre.create();
    await centre.startGateway();
    client = await centre.subscribe();
  });
  afterAll(() => centre.close());

  it('are each named in the log and counted, and the good reader beside them goes on', async () => {
    const good = await centre.startReader('good', ['--rate', '0', '--bands', '40']);
    await Promise.all(
      Object.keys(HOSTILE).map((fault) =>
        centre.startReader(fault, ['--rate', '60', '--bands', '4', '--fault', fault]),
      ),
    );
    for (let n = 0; n < 10; n++) {
      const before = client.events.filter(({ event }) => event.device === 'good').length;
      good.tell(`tap ${n} in 101`);
      await client.until((events) => events.filter(({ event }) => event.device === 'good').length > before);
    }
    const { counters } = (await centre.status()) as { counters: Record<string, Record<string, number>> };
    for (const [fault, code] of Object.entries(HOSTILE)) {
      const link = `${centre.readerDir}/${fault}`;
      expect(counters[code]?.[link]).toBeGreaterThan(0);
      expect(centre.gatewayLog().some((line) => line['code'] === code && line['link'] === link)).toBe(true);
    }
    expect(Object.values(counters).flatMap(Object.keys)).not.toContain(`${centre.readerDir}/good`);
    expect(client.events.every(({ event }) => event.device === 'good')).toBe(true);
    expect(client.bad).toEqual([]);
  });
});
