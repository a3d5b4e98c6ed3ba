/** Metrics of the way to the city. There are none where there is no uplink. */
import type { UplinkReport } from '../../uplink/index.js';
import type { Observation } from '../observation.js';
import { oneOf, type Series } from './series.js';

const STATES = ['connected', 'connecting', 'waiting', 'refused', 'blocked', 'closed'];

export const UPLINK_SERIES: readonly Series[] = [
  {
    name: 'timeband_uplink_connected',
    type: 'gauge',
    help: '1 while the broker of the city is connected.',
    read: ofUplink(({ state }) => Number(state === 'connected')),
  },
  {
    name: 'timeband_uplink_state',
    type: 'gauge',
    labels: ['state'],
    help: '1 for the state the uplink is in. `refused` needs a password or certificate, `blocked` needs somebody to decide which story is right.',
    read: ofUplink(({ state }) => oneOf(STATES, state)),
  },
  {
    name: 'timeband_uplink_state_seconds',
    type: 'gauge',
    help: 'How long it has been in that state.',
    read: ({ report, now }) => report.uplink && Math.max(0, Math.round(now - report.uplink.since)),
  },
  {
    name: 'timeband_uplink_backlog_events',
    type: 'gauge',
    help: 'Events that the city has not confirmed.',
    read: ofUplink(({ backlog }) => backlog),
  },
  {
    name: 'timeband_uplink_oldest_seconds',
    type: 'gauge',
    help: 'How long the oldest of them has waited; 0 where there is none.',
    read: ofUplink(({ oldestAge }) => oldestAge ?? 0),
  },
  {
    name: 'timeband_uplink_unconfirmed_messages',
    type: 'gauge',
    help: 'Events that were sent and are not confirmed yet.',
    read: ofUplink(({ inFlight }) => inFlight),
  },
  {
    name: 'timeband_uplink_urgent_events',
    type: 'gauge',
    help: 'Calls for help that the city has not confirmed.',
    read: ofUplink(({ urgent }) => urgent),
  },
  {
    name: 'timeband_uplink_connects_total',
    type: 'counter',
    help: 'Connections to the city since the start.',
    read: ({ report }) =>
      report.uplink === undefined ? undefined : report.counters.total('uplink/connected'),
  },
];

function ofUplink(read: (uplink: UplinkReport) => ReturnType<Series['read']>): Series['read'] {
  return ({ report }: Observation) => report.uplink && read(report.uplink);
}
