/** The gateway's metrics in the Prometheus exposition format; docs/metrics.md is made from them. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Stopwatch } from '../ops/foundation.js';
import type { Observation } from './observation.js';
import { API_SERIES } from './series/api.js';
import { BROKER_SERIES } from './series/broker.js';
import { FAULT_SERIES } from './series/faults.js';
import { GATEWAY_SERIES } from './series/gateway.js';
import { RADIO_SERIES } from './series/radio.js';
import { TAG_READER_SERIES } from './series/tag-readers.js';
import type { Sample, Series } from './series/series.js';
import { STORAGE_SERIES } from './series/storage.js';
import { FORWARD_SERIES } from './series/forward.js';
import { UPLINK_SERIES } from './series/uplink.js';

const ALL: readonly Series[] = [
  ...[
    ...GATEWAY_SERIES,
    ...STORAGE_SERIES,
    ...BROKER_SERIES,
    ...API_SERIES,
    ...TAG_READER_SERIES,
    ...RADIO_SERIES,
    ...UPLINK_SERIES,
    ...FORWARD_SERIES,
  ],
  ...FAULT_SERIES,
];

/** Around the 30 ms that a transaction may take. */
const COMMIT_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.03, 0.06, 0.1, 0.3, 1, 5];
/** A tap is sealed after half a second of quiet; a backlog takes a while. */
const SYNC_BUCKETS = [0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 15, 60];
/** Most answers take a millisecond; a year of a busy account, or a scrypt, takes longer. */
const ANSWER_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2];
/** Milliseconds between the samples of the event loop's lag: seldom enough to cost nothing. */
const LAG_PRECISION_MS = 100;

/** What is documented of a metric. */
export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
  /** Of the gateway, or of any process. */
  readonly isOurs: boolean;
}

export class GatewayMetrics implements Stopwatch {
  private readonly registry = new Registry();
  private readonly commits: Histogram;
  private readonly syncs: Histogram;
  private readonly answers: Histogram<'way'>;
  private readonly filled: readonly { readonly series: Series; readonly metric: Gauge | Counter }[];

  constructor() {
    const registers = [this.registry];
    this.filled = ALL.map((series) => {
      const { name, help, labels = [], type } = series;
      const options = { name, help, labelNames: [...labels], registers };
      return { series, metric: type === 'gauge' ? new Gauge(options) : new Counter(options) };
    });
    this.commits = new Histogram({
      ...{ name: 'timeband_commit_seconds', registers, buckets: COMMIT_BUCKETS },
      help: 'How long transactions of records and events took.',
    });
    this.syncs = new Histogram({
      ...{ name: 'timeband_sync_seconds', registers, buckets: SYNC_BUCKETS },
      help: 'How long it took from reading the first of some records off their device to having them on disk.',
    });
    this.answers = new Histogram({
      ...{ name: 'timeband_api_seconds', registers, buckets: ANSWER_BUCKETS, labelNames: ['way'] },
      help: 'How long questions and actions took, without the log-in.',
    });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  }

  readonly commit = (ms: number): void => {
    this.commits.observe(ms / 1_000);
  };

  readonly sync = (ms: number): void => {
    this.syncs.observe(ms / 1_000);
  };

  readonly answered = (way: string, ms: number): void => {
    this.answers.observe({ way }, ms / 1_000);
  };

  get contentType(): string {
    return this.registry.contentType;
  }

  /** What was observed, as Prometheus reads it. */
  render(seen: Observation): Promise<string> {
    for (const { series, metric } of this.filled) {
      const read = series.read(seen);
      metric.reset();
      if (read === undefined) {
        if (series.labels === undefined) metric.remove(); // it would be 0
      } else for (const [labels, value] of samplesOf(read)) metric.inc(labels, value);
    }
    return this.registry.metrics();
  }

  /** In the order in which they are rendered. */
  describe(): MetricDescription[] {
    const labels = new Map<string, readonly string[]>([
      ...ALL.map(({ name, labels: of }) => [name, of ?? []] as const),
      ['timeband_api_seconds', ['way']],
    ]);
    return this.registry.getMetricsAsArray().map(({ name, type, help }) => ({
      ...{ name, type: String(type), help, labels: labels.get(name) ?? [] },
      isOurs: name.startsWith('timeband_'),
    }));
  }
}

function samplesOf(read: number | readonly Sample[]): readonly Sample[] {
  return typeof read === 'number' ? [[{}, read]] : read;
}
