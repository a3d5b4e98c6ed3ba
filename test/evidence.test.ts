/** Evidence on the programs as they ship: what a technician brings, taps of three kinds, and what they are worth. */
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, runJson } from '@timeband/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANDSIM_BIN, Centre, GATEWAY_BIN, SITE, type VerifyingClient } from './support/centre.js';

/** Band 0 shows its UID, band 1 a counter and a MAC, band 2 answers with a key. */
const MIX = ['--mix', '1:1:1'];

describe('a tap', () => {
  let centre: Centre;
  let client: VerifyingClient;
  let reader: Child;

  beforeAll(async () => {
    centre = await Centre.create();
    const trust = join(centre.dir, 'trust');
    const { tagKeys, certificates } = await runJson([
      ...[BANDSIM_BIN, 'bands', '--json', '--site', SITE, '--issuer-key', centre.issuerKey],
      ...['--out', trust, '--bands', '0-2', ...MIX],
    ]);
    expect(statSync(String(tagKeys)).mode & 0o777).toBe(0o600);
    appendFileSync(centre.config, `tagKeys: ${String(tagKeys)}\ncertificates: ${String(certificates)}\n`);
    await centre.startGateway();
    client = await centre.subscribe();
    reader = await centre.startReader('reader-1', ['--rate', '0', '--bands', '3', ...MIX]);
    await client.until((events) => events.length === 1); // the reader's own first record
  });
  afterAll(() => centre.close());

  /** The event of the next tap. */
  const tap = async (line: string) => {
    const before = client.events.length;
    reader.tell(line);
    await client.until((events) => events.length > before);
    const event = client.events[before]?.event;
    return { band: event?.band, evidence: event?.evidence, act: event?.act?.length, minutes: event?.minutes };
  };

  it('of a bare tag has tier 0, of a counting tag tier 1, of a band with a key tier 2 and an act', async () => {
    expect(await tap('tap 0 in 101')).toMatchObject({ evidence: 0, act: undefined });
    expect(await tap('tap 1 in 101')).toMatchObject({ evidence: 1, act: undefined });
    const answered = await tap('tap 2 in 101');
    expect(answered).toMatchObject({ evidence: 2, act: 32 });
    expect(answered.band).toMatch(/^band-/);
    expect(await tap('tap 2 out 101')).toMatchObject({ evidence: 2, minutes: 0 });
  });

  it('that replays a tag’s message, or an answer for another service, is refused at once and worth nothing', async () => {
    reader.tell('fault replayed-sun');
    expect(await tap('tap 1 in 201')).toMatchObject({ evidence: 1 }); // this one is replayed from now on
    const refused = reader.expect((message) => (message['outcome'] === 'refused' ? true : undefined));
    expect(await tap('tap 1 out 201')).toMatchObject({ evidence: 0, minutes: undefined });
    await refused;
    reader.tell('heal');
    reader.tell('fault wrong-answer');
    expect(await tap('tap 2 in 301')).toMatchObject({ evidence: 0, act: undefined });
    reader.tell('heal');
    expect(await tap('tap 1 out 201')).toMatchObject({ evidence: 1, minutes: 0 });
    expect(client.bad).toEqual([]);
    const status = await centre.status();
    expect(status['stored']).toMatchObject({ quarantined: 2 });
    const counters = JSON.stringify(status['counters']);
    for (const code of ['evidence/replay', 'evidence/mismatch']) expect(counters).toContain(code);
  });

  it('is answered for by keys that `check` counts', async () => {
    const lines: unknown = await runJson([GATEWAY_BIN, 'check', '--config', centre.config, '--json']);
    for (const what of ['tag keys', 'certificates of bands']) {
      expect(lines).toContainEqual({ what, verdict: 'good', says: '1 of them' });
    }
  });
});
