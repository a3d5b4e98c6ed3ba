/** The options by which commands are told which devices they are for, and what failing to reach them is called. */
import { type Command, InvalidArgumentError } from 'commander';
import {
  type CertifiedParty,
  demandsSession,
  LinkError,
  SessionError,
  SmpError,
  TimebandError,
  type TrustStore,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { DEFAULT_BAUD_RATE } from '@timeband/protocol/serial';
import {
  bleTargets,
  serialTargets,
  simulatedTargets,
  type SimulatorChoice,
  TargetError,
  type Target,
  type Targets,
} from '../target/index.js';
import type { Exchange } from '../inspect/traffic/index.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { openRadio, type RadioCliOptions, radioOptions } from './radio-options.js';
import { believe } from '../receipt/check.js';

export interface TargetCliOptions extends RadioCliOptions {
  readonly port?: readonly string[];
  readonly baud: number;
  readonly sim?: true | string;
  readonly timeout: number;
  readonly technicianKey?: string;
  readonly technicianCert?: string;
  readonly traffic?: true;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** Adds them to a command; `hasTraffic` of one that shows what passes in a way of its own. */
export function targetOptions(command: Command, { hasTraffic = true } = {}): Command {
  if (hasTraffic)
    command.option('--traffic', 'show what passes on the link too, a line a packet, on standard error');
  command
    .option(
      '--port <port>',
      'serial port, a glob for several (quote it), or usb:VID:PID[:SERIAL]; may be given several times',
      (port: string, before: readonly string[] | undefined) => [...(before ?? []), port],
    )
    .option('--baud <rate>', 'line speed', wholeNumber, DEFAULT_BAUD_RATE)
    .option(
      '--sim [options]',
      'a simulated reader, started for this; with options of "bandsim reader" as --sim="--boot-key FILE"',
    );
  return radioOptions(command)
    .option('--timeout <ms>', 'how long to wait for each answer', wholeNumber, DEFAULT_TIMEOUT_MS)
    .option('--technician-key <file>', 'your key (PKCS#8 PEM), where a device demands a session')
    .option('--technician-cert <file>', 'your certificate as a technician of the site')
    .option('--issuer <file>', "the site's issuer certificate (issuer.cwt): whom to believe");
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}

/** Finds what the options name; to be closed afterwards. @throws CommandFailure, TargetError */
export async function chooseTargets(
  options: TargetCliOptions,
  environment: Environment,
  simulate: (choice: SimulatorChoice) => Promise<Targets> = simulatedTargets,
): Promise<Targets> {
  const { port = [], baud, sim, ble } = options;
  if (port.length === 0 && sim === undefined && ble === undefined)
    throw new CommandFailure(EXIT.usage, 'say which device: --port, --ble or --sim');
  const serial = await serialOnes(port, baud, environment);
  const opened: Targets[] = [{ list: serial, close: () => Promise.resolve() }];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((targets) => targets.close()));
  };
  try {
    if (sim !== undefined) opened.push(await simulate({ args: sim === true ? [] : words(sim) }));
    if (ble !== undefined) opened.push(await onRadio(options, ble === true ? [] : ble, environment));
  } catch (error) {
    await close();
    throw error;
  }
  const issuer = opened.find((targets) => targets.issuer !== undefined)?.issuer;
  const list = opened.flatMap((targets) => targets.list);
  return { list: options.traffic === true ? await watched(list, environment) : list, issuer, close };
}

async function watched(list: readonly Target[], { complain, now }: Environment): Promise<Target[]> {
  const { describeExchange, watchTarget } = await import('../inspect/traffic/index.js');
  const show = (exchange: Exchange): void => {
    complain(describeExchange(exchange, { isBrief: true, now: now() }));
  };
  return list.map((target) => watchTarget(target, show, Date.now));
}

async function serialOnes(
  patterns: readonly string[],
  baudRate: number,
  { findPorts, openLink }: Environment,
): Promise<readonly Target[]> {
  const serial: Target[] = [];
  for (const pattern of patterns) {
    const found = await serialTargets({ pattern, baudRate }, { findPorts, openLink });
    if (found.length === 0)
      throw new CommandFailure(
        EXIT.notReachable,
        `no port ${pattern}. Is the device plugged in? What there is: ls /dev/serial/by-id /dev/tty*`,
      );
    serial.push(...found.filter(({ name }) => serial.every((other) => other.name !== name)));
  }
  return serial;
}

/** Those who are meant on the radio, and everybody who is heard where nobody is named. */
export async function onRadio(
  options: RadioCliOptions,
  who: readonly string[],
  environment: Environment,
): Promise<Targets> {
  const radio = await openRadio(options, environment);
  const close = (): Promise<void> => radio.close();
  const stop = environment.onInterrupt(() => void close());
  try {
    return { list: await bleTargets(radio, { who, listenMs: options.listen * 1_000 }), close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    stop();
  }
}

function words(text: string): string[] {
  return text.split(' ').filter(Boolean);
}

/**
 * The technician's part of a session; undefined when nobody asked for one.
 * @throws CommandFailure
 */
export async function readTechnician(
  { technicianKey, technicianCert, issuer }: TargetCliOptions,
  { askSecret }: Environment,
): Promise<CertifiedParty | undefined> {
  if (technicianKey === undefined && technicianCert === undefined) return undefined;
  if (technicianKey === undefined || technicianCert === undefined || issuer === undefined)
    throw new CommandFailure(
      EXIT.usage,
      'a session needs all three: --technician-key, --technician-cert and --issuer',
    );
  const pem = new TextDecoder().decode(readFileOr(technicianKey, "the technician's key"));
  const certificate = readFileOr(technicianCert, "the technician's certificate");
  const { trust, site } = trustIn(issuer);
  const encrypted = pem.includes('ENCRYPTED');
  const passphrase = encrypted ? await askSecret(`Passphrase of ${technicianKey}: `) : undefined;
  let key;
  try {
    key = readPrivateKeyPem(pem, passphrase);
  } catch (error) {
    throw new CommandFailure(EXIT.refused, `${technicianKey} cannot be used: ${(error as Error).message}`);
  }
  return {
    ...{ key, certificate },
    verify: (bytes) => trust.verify(bytes, { roles: ['reader', 'band'], site }),
  };
}

function trustIn(file: string): { trust: TrustStore; site: string } {
  try {
    const { trust, site } = believe({ issuer: readFileOr(file, 'the issuer certificate'), root: undefined });
    return { trust, site };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file} is no issuer certificate (${error.message})`);
  }
}

export interface Explanation {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
}

/** What a failed device is called, and what to do; undefined for what is no failure of a device. */
export function explainFailure(error: unknown, name: string): Explanation | undefined {
  if (error instanceof TargetError) {
    const exitCode = error.code === 'target/session' ? EXIT.refused : EXIT.notReachable;
    return { exitCode, code: error.code, message: error.message };
  }
  if (!(error instanceof TimebandError)) return undefined;
  const { code, message } = error;
  if (error instanceof LinkError)
    return { exitCode: EXIT.notReachable, code, message: `${message}. ${openingHint(message)}` };
  if (error instanceof SmpError && code === 'smp/timeout')
    return {
      ...{ exitCode: EXIT.notReachable, code },
      message: `nothing answers on ${name}: ${message}. Is it the right port and speed, and is the device switched on?`,
    };
  if (error instanceof SessionError)
    return {
      ...{ exitCode: EXIT.refused, code },
      message: `${name}: no session: ${message}. Both certificates have to be of the same site, and in force.`,
    };
  if (demandsSession(error))
    return {
      ...{ exitCode: EXIT.refused, code },
      message: `${name} refuses this to whom you are: it takes a technician's certificate (--technician-key, --technician-cert)`,
    };
  if (code === 'smp/device') return { exitCode: EXIT.refused, code, message: `${name}: ${message}` };
  return { exitCode: EXIT.failed, code, message: `${name}: ${message}. Try again.` };
}

/** What to do when a port does not open. */
export function openingHint(message: string): string {
  if (/heard|disconnected/.test(message))
    return 'Is it switched on and near? Who is there: bandctl scan --ble';
  if (/lock|busy/i.test(message))
    return 'Another program has it: stop the gateway, or whoever else uses the port.';
  if (/permission|EACCES/i.test(message))
    return 'You may not use it: join the group that owns it (often dialout).';
  if (/ioctl|ENOTTY/i.test(message)) return 'It is no serial port.';
  return 'What there is: ls /dev/serial/by-id /dev/tty*';
}
