import {
  activityBody,
  attestBody,
  CATEGORY,
  type CborMap,
  encodeRecord,
  encodeStatement,
  KIND,
  punchBody,
  requestBody,
} from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { eventLine, helpLine } from './lines.js';

const AT = 1_800_000_000;

/** What is shown of a record that a device logged. */
function shown(device: string, kind: number, body: CborMap, more: { band?: string } = {}): string {
  const place = { seq: 1, boot: 1, uptime: 1, time: { quality: 'unset' }, salt: new Uint8Array(8) } as const;
  return eventLine({
    ...{ site: 'dahaiyang', device, type: 'any', evidence: 2, time: { earliest: AT, latest: AT } },
    ...more,
    record: encodeRecord({ ...place, kind, body }),
  });
}

describe('a line of the demo', () => {
  it('shows a visit in either band’s log, with the other band and the minutes that both attested', () => {
    const statement = encodeStatement({
      ...{ nonce: new Uint8Array(16), provider: 'band-1', recipient: 'band-2', service: 401 },
      ...{ seconds: 3_000, minutes: 45, confirmedBy: 'recipient' },
    });
    const body = attestBody({ statement, provider: new Uint8Array(1), recipient: new Uint8Array(1) });
    const rest = 'visit 401 Home visit +45 +2 +good$';
    expect(shown('band-1', KIND.attest, body)).toMatch(new RegExp(` band-1 +band-2 +${rest}`));
    expect(shown('band-2', KIND.attest, body)).toMatch(new RegExp(` band-2 +band-1 +${rest}`));
  });

  it('tells a band’s own copy of a punch from the punch that counts', () => {
    const proof = { kind: 'own', nonce: new Uint8Array(16), challenger: 'gw-1' } as const;
    const body = punchBody({ direction: 'out', service: 501, proof });
    const line = shown('band-1', KIND.punch, body, { band: 'band-1' });
    expect(line).toContain('out 501 Smartphone lesson (copy)');
  });

  it('shows an activity that has ended, with how many were there and how long it was', () => {
    const planned = { plannedStart: AT, plannedEnd: AT + 3_600, capacity: 20, organiser: 'account-1' };
    const held = { started: AT, ended: AT + 3_000, attended: 5, roster: new Uint8Array(32) };
    const activity = { activity: new Uint8Array(16), phase: 'closed', service: 509 } as const;
    const body = activityBody({ ...activity, ...planned, ...held });
    expect(shown('reader-1', KIND.activity, body)).toMatch(/ closed 509 Tai chi, 5 there +50 +2 +good$/);
  });

  it('shows a call for help, when it is heard and when it is proven', () => {
    const body = requestBody({
      ...{ request: new Uint8Array(16), phase: 'open', category: CATEGORY.help },
      ...{ urgency: 'urgent', level: 'grid' },
    });
    expect(shown('band-1', KIND.request, body)).toContain('HELP: open');
    expect(helpLine({ device: 'band-1', at: AT, rssi: -61.4, battery: 80 })).toBe(
      'HELP heard from band-1 at -61 dBm, battery 80 %',
    );
  });
});
