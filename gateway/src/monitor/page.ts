/** docs/metrics.md: every metric, as its own description says it. */
import { GatewayMetrics, type MetricDescription } from './metrics.js';

const HEAD = `# Metrics

<!-- Made from the metrics' own descriptions by \`npm run generated\`: change gateway/src/monitor instead. -->

For whoever runs a monitoring system. What to ask a gateway, and what to be woken for: [monitoring.md](monitoring.md).

\`/metrics\` gives these in the text format of Prometheus. A gateway without radio or uplink has no series of either. No series names a band,
a device, a resident or a client.

`;

export function metricsPage(): string {
  const all = new GatewayMetrics().describe();
  const ours = all.filter(({ isOurs }) => isOurs);
  const process = all.filter(({ isOurs }) => !isOurs);
  return [
    HEAD,
    `## Of the gateway\n\n${list(ours)}`,
    `## Of its process\n\nMade by prom-client for any program in Node.js; their help is its own.\n\n${list(process)}`,
  ].join('\n');
}

/** Not a table: in one a change of one metric would move them all. */
function list(metrics: readonly MetricDescription[]): string {
  const lines = metrics.map(({ name, type, labels, help }) => {
    const by = labels.length === 0 ? '' : ` by ${labels.map((label) => `\`${label}\``).join(', ')}`;
    return `- \`${name}\` (${type}${by}): ${help}`;
  });
  return `${lines.join('\n')}\n`;
}
