import type { Command } from 'commander';
import type { GatewayReport } from '../ops/report.js';
import { describeBehind } from '../monitor/readiness.js';
import { RENEW_DAYS } from '../ops/renewal.js';
import { type SettingsOptions, withSettings } from './config-option.js';
import { askGateway } from './ask-gateway.js';
import { describeForward, describePeers } from './describe-forward.js';
import { describeTagReaders } from './describe-tag-readers.js';
import { describeUplink } from './describe-uplink.js';
import { EXIT } from './exit-codes.js';

/** A report as it comes over the control socket. */
type Report = Omit<GatewayReport, 'counters'> & {
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** `timeband-gateway status` */
export function registerStatus(program: Command): void {
  withSettings(program.command('status').description('ask the running gateway how it is'))
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      `
Exit code ${EXIT.notFound} when no gateway runs.

Example:
  timeband-gateway status --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (options: SettingsOptions & { json?: boolean }) => {
      const report = (await askGateway(options)) as Report;
      console.log(options.json === true ? JSON.stringify(report) : describe(report));
    });
}

function describe(report: Report): string {
  const { stored, mqtt } = report;
  const lines = [
    `${report.site} / ${report.gateway}, up for ${report.uptime} s, MQTT on ${mqtt.host}:${mqtt.port}`,
    `${stored.records} records of ${stored.logs} logs, ${stored.events} events, ${stored.quarantined} in quarantine`,
    ...(report.clock === 'unset'
      ? ['the clock of this machine is not set: taps are queued, nothing is sealed']
      : []),
    ...(report.books.behind > 0 ? [`the ledger is ${describeBehind(report.books)}`] : []),
    ...(report.backup === undefined ? [] : [describeBackup(report.backup)]),
    ...describeCertificate(report.certificate.expires, Date.now() / 1_000),
    ...(report.radio === undefined ? [] : [describeRadio(report.radio)]),
    ...(report.uplink === undefined ? [] : describeUplink(report.uplink, Date.now() / 1_000)),
    ...(report.forward === undefined ? [] : describeForward(report.forward, Date.now() / 1_000)),
    ...describePeers(report.peers, Date.now() / 1_000),
    report.links.length === 0 ? 'no readers found' : 'readers:',
    ...report.links.map((link) => `  ${link.path}: ${describeLink(link)}`),
    ...describeTagReaders(report.tagReaders),
  ];
  const counters = Object.entries(report.counters);
  if (counters.length > 0) lines.push('counted:');
  for (const [name, labels] of counters) {
    lines.push(
      `  ${name}: ${Object.entries(labels)
        .map(([label, n]) => (label ? `${label} ${n}` : String(n)))
        .join(', ')}`,
    );
  }
  return lines.join('\n');
}

function describeBackup({ newest, problem }: NonNullable<Report['backup']>): string {
  const when =
    newest === undefined ? 'none yet' : `the newest is of ${new Date(newest * 1_000).toISOString()}`;
  return `backups: ${when}${problem === undefined ? '' : `; the last attempt failed: ${problem}`}`;
}

/** Nothing, until somebody has to act. */
function describeCertificate(expires: number, now: number): string[] {
  const days = Math.floor((expires - now) / 86_400);
  if (days >= RENEW_DAYS) return [];
  return [
    `RENEW the certificate of this gateway, it ends in ${days} days: timeband-gateway certificate request`,
  ];
}

function describeRadio({ state, problem, remedy, present, links }: NonNullable<Report['radio']>): string {
  const trouble = [problem, remedy].filter((part) => part !== undefined).join('. ');
  return `radio: ${state}, ${present} bands in range, ${links} connected${trouble && `: ${trouble}`}`;
}

function describeLink({ session, problem }: Report['links'][number]): string {
  if (session === undefined) return `not open (${problem ?? 'trying'})`;
  const { state, device, because } = session;
  return [state, device, because && `because ${because}`].filter((part) => part !== undefined).join(' ');
}
