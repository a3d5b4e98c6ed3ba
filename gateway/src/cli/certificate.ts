import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { toHex } from '@timeband/protocol';
import { loadConfig } from '../config/index.js';
import type { OwnCertificateAnswer } from '../ops/own-certificate.js';
import { dateOf, installRenewal, issueRenewal, MAX_DAYS, requestRenewal } from '../ops/renewal.js';
import { askGateway } from './ask-gateway.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { type IssuerKeyOptions, openIssuerKey } from './issuer-key.js';

interface IssueOptions extends IssuerKeyOptions {
  readonly days: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** `timeband-gateway certificate request|issue|install` */
export function registerCertificate(program: Command): void {
  const certificate = program
    .command('certificate')
    .description("renew this gateway's own certificate, which ends after 90 days")
    .addHelpText(
      'after',
      `
In three steps, of which the second is where the issuer key is:
  timeband-gateway certificate request --config /var/lib/timeband/gateway.yaml --out /media/stick/gw-1.request
  timeband-gateway certificate issue /media/stick/gw-1.request --issuer-key issuer.key --out /media/stick/gw-1.cwt
  timeband-gateway certificate install /media/stick/gw-1.cwt --config /var/lib/timeband/gateway.yaml

No file of these is secret but the issuer key. The old certificate holds on until its own end.`,
    );
  certificate
    .command('request')
    .description('write what the holder of the issuer key needs')
    .addOption(configOption())
    .option('--out <file>', 'where to (default: the id of the gateway with .request)')
    .option('--json', 'print what was made as JSON')
    .addHelpText('after', example('request --config /var/lib/timeband/gateway.yaml --out gw-1.request'))
    .action((options: { config: string; out?: string; json?: boolean }) => {
      const config = loadConfig(options.config);
      const out = options.out ?? `${config.gateway}.request`;
      writeFileSync(out, requestRenewal(config, now()));
      say(options.json, { request: out }, [
        `${out} is for the holder of the issuer key, who runs there:`,
        `  timeband-gateway certificate issue ${out} --issuer-key issuer.key`,
      ]);
    });
  certificate
    .command('issue')
    .description('certify a gateway anew, where the issuer key is')
    .argument('<request>', 'what certificate request wrote')
    .requiredOption('--issuer-key <file>', 'the key that certified the gateway before')
    .option('--issuer-passphrase-file <file>', 'passphrase of that key; asked for when it is needed')
    .option('--days <count>', `how long it holds, at most ${MAX_DAYS}`, days, MAX_DAYS)
    .option('--out <file>', 'where to (default: the id of the gateway with .cwt)')
    .option('--json', 'print what was made as JSON')
    .addHelpText('after', example('issue gw-1.request --issuer-key issuer.key'))
    .action(async (request: string, options: IssueOptions) => {
      const issuer = await openIssuerKey(options);
      const made = issueRenewal(readFileSync(request), issuer, options.days, now());
      const { site, subject, thumbprint, expires } = made.certificate;
      const out = options.out ?? `${subject}.cwt`;
      writeFileSync(out, made.bytes);
      say(options.json, { certificate: out, site, gateway: subject, key: toHex(thumbprint), expires }, [
        `${out} is for ${subject} of ${site}, key ${toHex(thumbprint).slice(0, 16)}…, until ${dateOf(expires)}.`,
        `Until now it had one until ${dateOf(made.before.expires)}. On the box:`,
        `  timeband-gateway certificate install ${out} --config /var/lib/timeband/gateway.yaml`,
      ]);
    });
  certificate
    .command('install')
    .description('check the new certificate and use it, also in a gateway that is running')
    .argument('<file>', 'what certificate issue wrote')
    .addOption(configOption())
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', example('install gw-1.cwt --config /var/lib/timeband/gateway.yaml'))
    .action(async (file: string, options: { config: string; json?: boolean }) => {
      const { certificate: installed } = installRenewal(loadConfig(options.config), file, now());
      const { expires } = installed;
      const running = await tellGateway(options.config);
      if (running !== undefined && running.expires !== expires) {
        throw new CommandFailure(
          EXIT.failed,
          'It is in its place, but the gateway that is running did not take it: look at its log, and start it again.',
        );
      }
      say(options.json, { expires, running: running !== undefined }, [
        `The certificate of this gateway holds until ${dateOf(expires)}.`,
        running === undefined
          ? 'No gateway runs; the next one uses it.'
          : 'The gateway that is running uses it.',
      ]);
    });
}

/** Nothing where none runs. */
async function tellGateway(config: string): Promise<OwnCertificateAnswer | undefined> {
  try {
    const question = { path: '/certificate', timeoutMs: 10_000 };
    return (await askGateway(config, question)) as OwnCertificateAnswer;
  } catch (error) {
    if (error instanceof CommandFailure && error.exitCode === EXIT.notFound) return undefined;
    throw error;
  }
}

function say(json: boolean | undefined, facts: object, lines: readonly string[]): void {
  console.log(json === true ? JSON.stringify(facts) : lines.join('\n'));
}

/** Unix seconds. */
function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function days(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > MAX_DAYS)
    throw new InvalidArgumentError(`a whole number of days, 1 to ${MAX_DAYS}`);
  return count;
}

function example(command: string): string {
  return `\nExample:\n  timeband-gateway certificate ${command}`;
}
