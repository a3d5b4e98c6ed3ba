/** The month of an organisation, from records in a real database. */
import { type Activity, activityBody, KIND } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community, type Logged, MORNING, sixteen } from '../../ledger/community.test.support.js';
import { reportCsv } from '../../organisation-report/table.js';
import type { Answers } from '../answers.js';
import type { Desk } from '../desk.js';
import { Kitchen } from '../../kitchen/index.js';
import { Cases } from '../../mediation/index.js';
import { organisationReport } from './organisation.js';

const activity = (
  minute: number,
  id: number,
  phase: Activity['phase'],
  more: Partial<Activity> = {},
): Logged => ({
  minute,
  kind: KIND.activity,
  body: activityBody({
    ...{ activity: sixteen(id), phase, service: 601, organiser: 'branch-3', capacity: 20 },
    ...{ plannedStart: MORNING, plannedEnd: MORNING + 7_200, ...more },
  }),
});

describe('the report of an organisation', () => {
  let community: Community;
  beforeEach(() => {
    community = new Community();
    community.aDay();
  });
  afterEach(() => {
    community.close();
  });
  const ask = async (account: string, month?: string): Promise<Answers['organisation']> => {
    const { store, ledger, matters } = community;
    const desk = {
      ...{ store, ledger, matters, site: 'dahaiyang', gateway: 'gw-1', now: () => MORNING + 86_400 },
      kitchen: new Kitchen({ site: 'dahaiyang', store, ledger, matters }),
      cases: new Cases({ site: 'dahaiyang', store, matters }),
      ...{ report: nothing, readiness: nothing, trail: { find: () => [] } },
      receipt: () => Promise.resolve(undefined),
    } satisfies Desk;
    return (await organisationReport.ask(desk, { account, month })) as Answers['organisation'];
  };

  it('has the services that it supplied, as far as the ledger took them', async () => {
    const report = await ask('repairs');
    expect(report.services).toMatchObject([
      { service: 101, redemptions: 1, minutes: 45, open: 0, released: 0 },
    ]);
    expect(report).toMatchObject({ month: '2027-01', balance: 0, totals: { supplied: 1, redeemed: 45 } });
  });

  it('has the activities that it held, each once, as they ended', async () => {
    const closed = { started: MORNING, ended: MORNING + 5_400, attended: 12, roster: new Uint8Array(32) };
    community.publish('a', activity(500, 1, 'planned'), activity(501, 1, 'opened', { started: MORNING }));
    community.publish(
      'a',
      activity(502, 1, 'closed', closed),
      activity(503, 1, 'closed', { ...closed, attended: 20 }),
    );
    community.publish('b', activity(504, 2, 'planned'), activity(505, 2, 'cancelled'));
    community.publish('b', activity(506, 3, 'closed', { ...closed, organiser: 'branch-33' }));
    const report = await ask('branch-3');
    expect(report.activities.map(({ phase, attended, minutes }) => [phase, attended, minutes])).toEqual([
      ['closed', 12, 1_080],
      ['cancelled', 0, 0],
    ]);
    expect(report.totals).toEqual({ held: 1, attended: 12, given: 1_080, supplied: 0, redeemed: 0 });
    expect(reportCsv(report).split('\r\n')[1]).toMatch(/^2027-01,branch-3,活动,601,.*,已举办,12,1080$/);
    expect((await ask('branch-3', '2027-02')).activities).toEqual([]);
  });

  it('is of an organisation that somebody has heard of', async () => {
    await expect(ask('branch-9')).rejects.toMatchObject({ code: 'api/not-found' });
    await expect(ask('repairs', '2027-13')).rejects.toMatchObject({ code: 'api/parameters' });
  });
});

function nothing(): never {
  throw new Error('not asked');
}
