/** Metrics of questions and actions, by the way on which they came. */
import type { Sample, Series } from './series.js';

export const API_SERIES: readonly Series[] = [
  {
    name: 'timeband_api_requests_total',
    type: 'counter',
    labels: ['way', 'outcome'],
    help: 'Questions and actions since the start: over `http`, `mqtt`, or by commands of the `box`; `done`, or the code of the refusal.',
    read: ({ report }) =>
      Object.entries(report.counters.toJSON()['api/answered'] ?? {}).map(([label, n]): Sample => {
        const [way = '', outcome = ''] = label.split(' ');
        return [{ way, outcome }, n];
      }),
  },
  {
    name: 'timeband_api_refused_total',
    type: 'counter',
    labels: ['cause'],
    help: 'What the HTTP API refused since the start, also before anybody had logged in.',
    read: ({ report }) =>
      Object.entries(report.counters.toJSON()['api/refused'] ?? {}).map(([cause, n]): Sample => [
        { cause },
        n,
      ]),
  },
];
