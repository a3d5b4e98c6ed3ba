/** Metrics of the MQTT broker. */
import { samples, type Series } from './series.js';

export const BROKER_SERIES: readonly Series[] = [
  {
    name: 'timeband_broker_connections',
    type: 'gauge',
    help: 'Open connections to the broker.',
    read: ({ report }) => report.broker.connections,
  },
  {
    name: 'timeband_broker_sessions',
    type: 'gauge',
    help: 'Sessions: those of connected clients, and durable ones of others.',
    read: ({ report }) => report.broker.sessions,
  },
  {
    name: 'timeband_broker_subscribers',
    type: 'gauge',
    help: 'Sessions that events are sent to just now.',
    read: ({ report }) => report.broker.attached,
  },
  {
    name: 'timeband_broker_messages_total',
    type: 'counter',
    help: 'Event messages sent to subscribers.',
    read: ({ report }) => report.broker.sent,
  },
  {
    name: 'timeband_broker_unconfirmed_messages',
    type: 'gauge',
    help: 'Event messages that were sent and that subscribers have not confirmed.',
    read: ({ report }) => report.broker.inFlight,
  },
  {
    name: 'timeband_broker_ring_bytes',
    type: 'gauge',
    help: 'Memory that holds the newest events, for subscribers that keep up.',
    read: ({ report }) => report.broker.ringBytes,
  },
  {
    name: 'timeband_broker_logins_total',
    type: 'counter',
    help: 'Log-ins that were right, since the start.',
    read: ({ report }) => report.counters.total('broker/connected'),
  },
  {
    name: 'timeband_broker_refused_total',
    type: 'counter',
    labels: ['cause'],
    help: 'Connections that were refused since the start: broker/refused in docs/codes.md.',
    read: ({ report }) => samples('cause', report.counters.toJSON()['broker/refused'] ?? {}),
  },
  {
    name: 'timeband_broker_evicted_total',
    type: 'counter',
    labels: ['cause'],
    help: 'Subscribers that were disconnected since the start because they did not keep up.',
    read: ({ report }) => samples('cause', report.counters.toJSON()['broker/evicted'] ?? {}),
  },
];
