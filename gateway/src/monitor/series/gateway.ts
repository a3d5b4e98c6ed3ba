/** Metrics of the gateway as a whole, and of its readers. */
import { countOf, type Series } from './series.js';

export const GATEWAY_SERIES: readonly Series[] = [
  {
    name: 'timeband_info',
    type: 'gauge',
    labels: ['site', 'gateway', 'version'],
    help: 'Always 1; its labels say which box this is.',
    read: ({ report: { site, gateway }, version }) => [[{ site, gateway, version }, 1]],
  },
  {
    name: 'timeband_uptime_seconds',
    type: 'gauge',
    help: 'Time since the start.',
    read: ({ report }) => report.uptime,
  },
  {
    name: 'timeband_ready',
    type: 'gauge',
    help: '1 while the gateway can do its work, as /readyz says.',
    read: ({ readiness }) => Number(readiness.ready),
  },
  {
    name: 'timeband_check_good',
    type: 'gauge',
    labels: ['check'],
    help: '1 for each thing that /readyz looks at and finds good. The gateway is ready without `links`, `radio` and `uplink`.',
    read: ({ readiness }) => readiness.checks.map(({ name, good }) => [{ check: name }, Number(good)]),
  },
  {
    name: 'timeband_clock_set',
    type: 'gauge',
    help: '0 while the clock of the machine is not set: taps are queued and nothing is sealed.',
    read: ({ report }) => Number(report.clock === 'set'),
  },
  {
    name: 'timeband_certificate_expiry_seconds',
    type: 'gauge',
    help: "Time until the gateway's own certificate ends; below 0 it has ended.",
    read: ({ report, now }) => Math.round(report.certificate.expires - now),
  },
  {
    name: 'timeband_loop_stall_seconds',
    type: 'gauge',
    help: 'The longest time within the last minute in which the gateway did nothing else than one thing. More than 0.2 is felt at a reader.',
    read: ({ longestStallMs }) => longestStallMs / 1_000,
  },
  {
    name: 'timeband_links',
    type: 'gauge',
    labels: ['state'],
    help: 'Ports of readers by their state: `following` is good, `introducing` asks who it is, `resting` found something wrong, `closed` cannot be opened.',
    read: ({ report }) =>
      countOf(
        ['following', 'introducing', 'resting', 'closed'],
        report.links.map(({ session }) => session?.state ?? 'closed'),
      ),
  },
];
