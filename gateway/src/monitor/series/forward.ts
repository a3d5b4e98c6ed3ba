/** Metrics of the way to the site's primary, where another gateway is it, and of gateways that hand records to this one. */
import type { ForwardReport } from '../../forward/index.js';
import type { Observation } from '../observation.js';
import { oneOf, type Series } from './series.js';

const STATES = ['idle', 'unknown', 'connected', 'connecting', 'waiting', 'refused', 'closed'];

export const FORWARD_SERIES: readonly Series[] = [
  {
    name: 'timeband_forward_state',
    type: 'gauge',
    labels: ['state'],
    help: '1 for the state of the way to the primary gateway. `idle`: this gateway is the primary, or none is named. `unknown`: its address is not in the settings.',
    read: ofForward(({ state }) => oneOf(STATES, state)),
  },
  {
    name: 'timeband_forward_waiting_records',
    type: 'gauge',
    help: 'Records that the primary has not confirmed.',
    read: ofForward(({ records }) => records),
  },
  {
    name: 'timeband_forward_waiting_bytes',
    type: 'gauge',
    help: 'What they take of the room for them.',
    read: ofForward(({ bytes }) => bytes),
  },
  {
    name: 'timeband_forward_full',
    type: 'gauge',
    help: '1 while there is no room: nothing more is read, and records stay in their devices.',
    read: ofForward(({ full }) => Number(full)),
  },
  {
    name: 'timeband_forward_oldest_seconds',
    type: 'gauge',
    help: 'How long the oldest of them has waited; 0 where there is none.',
    read: ofForward(({ oldestAge }) => oldestAge ?? 0),
  },
  {
    name: 'timeband_forward_refused_logs',
    type: 'gauge',
    help: 'Devices whose records the primary does not take.',
    read: ofForward(({ refused }) => refused.length),
  },
  {
    name: 'timeband_peer_records_total',
    type: 'counter',
    help: 'Records that other gateways handed to this one since the start, whoever brought them first.',
    read: ({ report }) => report.peers.reduce((sum, { records }) => sum + records, 0),
  },
  {
    name: 'timeband_peer_refused_total',
    type: 'counter',
    help: 'Forwards of other gateways that did not hold since the start.',
    read: ({ report }) => report.peers.reduce((sum, { refused }) => sum + refused, 0),
  },
];

function ofForward(read: (forward: ForwardReport) => ReturnType<Series['read']>): Series['read'] {
  return ({ report }: Observation) => report.forward && read(report.forward);
}
