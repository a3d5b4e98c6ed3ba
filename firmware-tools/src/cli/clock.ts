/** `bandctl clock`: whether a device knows the time. */
import type { Command } from 'commander';
import { issueCertificate, PrivateKey, SmpError } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import {
  type ClockAuthority,
  type ClockReport,
  describeClock,
  readClock,
  setClock,
} from '../inspect/clock.js';
import type { Targets } from '../target/index.js';
import { type DeviceCliOptions, onEachDevice } from './devices.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { targetOptions } from './targets.js';

interface ClockOptions extends DeviceCliOptions {
  readonly set?: true;
  readonly gatewayKey?: string;
  readonly gatewayCert?: string;
}

const DAY_SECONDS = 86_400;
const WHY_NOT =
  'a device takes the time from a certified gateway of its own site and from nobody else: a technician could date records ' +
  'otherwise. Hold it to its gateway, which sets it within seconds. On the box itself, with the gateway stopped: ' +
  '--gateway-key and --gateway-cert';

export function registerClock(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('clock')
    .description('show how far the clock of a device can be relied on, and how far it is off');
  targetOptions(command)
    .option('--set', 'set it to the time of this computer, as a gateway does')
    .option('--gateway-key <file>', "a gateway's key, for --set")
    .option('--gateway-cert <file>', "that gateway's certificate")
    .option('--json', 'print one JSON object a device')
    .addHelpText(
      'after',
      `
Only a gateway of the device's own site can set a clock, so --set needs a gateway's key; a simulated device has one made for it.
A device from the factory gets its first time when it is given to a site (bandctl provision).

Examples:
  bandctl clock --port /dev/ttyUSB0 --issuer issuer.cwt
  bandctl clock --sim --set`,
    )
    .action(async (options: ClockOptions) => {
      finish(await clock(options, environment));
    });
}

async function clock(options: ClockOptions, environment: Environment): Promise<ExitCode> {
  const { set, json } = options;
  const given = await readAuthority(options, environment);
  return onEachDevice(options, environment, async ({ device, issuer, authority }) => {
    const { now } = environment;
    if (set === true) {
      const by = given ?? gatewayOf(authority, now());
      if (by === undefined) throw new CommandFailure(EXIT.refused, WHY_NOT);
      await setClock(device, by, now).catch(refusedAs(device.target.name));
    }
    const report = await readClock(device, { issuer, now });
    show(device.target.name, report, json === true, environment);
    return report.certificate.trust.verdict === 'refused' ? EXIT.refused : EXIT.ok;
  });
}

function refusedAs(name: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof SmpError) || error.code !== 'smp/device') throw error;
    throw new CommandFailure(
      EXIT.refused,
      `${name} does not take the time from this gateway (${error.message}). Its certificate has to be of the device's site, and in force.`,
    );
  };
}

/** @throws CommandFailure */
async function readAuthority(
  { gatewayKey, gatewayCert }: ClockOptions,
  { askSecret }: Environment,
): Promise<ClockAuthority | undefined> {
  if (gatewayKey === undefined && gatewayCert === undefined) return undefined;
  if (gatewayKey === undefined || gatewayCert === undefined)
    throw new CommandFailure(EXIT.usage, 'a gateway is both: --gateway-key and --gateway-cert');
  const pem = new TextDecoder().decode(readFileOr(gatewayKey, "the gateway's key"));
  const certificate = readFileOr(gatewayCert, "the gateway's certificate");
  const passphrase = pem.includes('ENCRYPTED') ? await askSecret(`Passphrase of ${gatewayKey}: `) : undefined;
  try {
    return { key: readPrivateKeyPem(pem, passphrase), certificate };
  } catch (error) {
    throw new CommandFailure(EXIT.refused, `${gatewayKey} cannot be used: ${(error as Error).message}`);
  }
}

/** A gateway of a simulated site. */
function gatewayOf(issuer: Targets['issuer'], now: number): ClockAuthority | undefined {
  if (issuer === undefined) return undefined;
  const key = PrivateKey.generate();
  const certificate = issueCertificate(issuer.key, {
    ...{ issuer: issuer.name, subject: 'bench-gateway', role: 'gateway', site: issuer.site },
    ...{ notBefore: now - DAY_SECONDS, expires: now + DAY_SECONDS, key: key.publicKey },
  });
  return { key, certificate };
}

function show(target: string, report: ClockReport, isJson: boolean, { print, complain }: Environment): void {
  const { device, certificate } = report;
  print(isJson ? JSON.stringify({ target, ...report }) : describeClock(report));
  if (certificate.trust.verdict === 'refused')
    complain(`bandctl: do not trust ${device}: ${certificate.trust.reason}`);
}
