/** `timeband-gateway reconcile`: on a gateway that runs, one that was killed, one that is stopped, and one that was tampered with. */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '@timeband/gateway';
import { Centre, GATEWAY_BIN, type GatewayProcess } from './support/centre.js';
import { outcome } from './support/outcome.js';

const TAPS = ['--rate', '1200', '--bands', '10', '--sign-ms', '5'];

describe('an account of every record', () => {
  let centre: Centre;
  beforeAll(async () => {
    centre = await Centre.create();
    await centre.startReader('reader-1', TAPS);
  });
  afterAll(() => centre.close());

  const reconcile = async (): Promise<{ exitCode: number; report: AuditReport }> => {
    const { exitCode, out } = await outcome([GATEWAY_BIN, 'reconcile', '--config', centre.config, '--json']);
    return { exitCode, report: JSON.parse(out) as AuditReport };
  };
  const isWhole = ({ totals }: AuditReport): boolean =>
    totals.records ===
    totals.published + totals.waiting + totals.quarantined + totals.duplicate + totals.lost;

  let gateway: GatewayProcess;
  it('is good while the gateway works on', async () => {
    const before = await outcome([GATEWAY_BIN, 'reconcile', '--config', centre.config]);
    expect(before.exitCode).toBe(3);
    expect(before.out).toContain('no gateway has run here yet');
    gateway = await centre.startGateway();
    const client = await centre.subscribe();
    await client.until((events) => events.length >= 20);
    const { exitCode, report } = await reconcile();
    expect({ exitCode, verdict: report.verdict }).toEqual({ exitCode: 0, verdict: 'good' });
    expect(report.totals.published).toBeGreaterThanOrEqual(20);
    expect(isWhole(report)).toBe(true);
    await client.mqtt.endAsync();
  });

  it('is good after the gateway was killed, and says the same in a table', async () => {
    gateway.child.kill();
    await gateway.child.ended;
    const { exitCode, report } = await reconcile();
    expect({ exitCode, verdict: report.verdict }).toEqual({ exitCode: 0, verdict: 'good' });
    const { out } = await outcome([GATEWAY_BIN, 'reconcile', '--config', centre.config]);
    expect(out).toMatch(/^device +epoch +records +published +waiting +quarantined +duplicate +lost$/m);
    expect(out).toMatch(new RegExp(`^reader-1 +1 +1–${report.totals.records} .* good$`, 'm'));
    expect(out).toContain('each in exactly one state');
  });

  it('says what is missing, and where', async () => {
    const db = new Database(String(centre.files['database']));
    db.exec('DELETE FROM record WHERE log = 1 AND seq = 7');
    db.close();
    const { exitCode, out } = await outcome([GATEWAY_BIN, 'reconcile', '--config', centre.config]);
    expect(exitCode).toBe(5);
    expect(out).toContain('BAD  record/missing: event 7 has lost its record, 7 of reader-1');
    expect(out).toMatch(/^reader-1 .* BAD$/m);
  });
});
