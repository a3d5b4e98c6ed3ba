/** `bandctl scan`: what is there. */
import type { Command } from 'commander';
import { type Glance, glanceAt, heardOf } from '../inspect/glance.js';
import { type OpenOptions, type Target, TargetError, type Targets } from '../target/index.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { hasRadio } from './radio-options.js';
import {
  chooseTargets,
  type Explanation,
  explainFailure,
  onRadio,
  readTechnician,
  type TargetCliOptions,
  targetOptions,
} from './targets.js';

interface ScanOptions extends TargetCliOptions {
  readonly json?: true;
}

/** Where readers are by themselves: what is plugged in by USB. */
const USUAL_PORTS = '/dev/serial/by-id/*';

export function registerScan(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('scan')
    .description('list the devices that are there: who they are, what they run, what waits in them');
  targetOptions(command)
    .option('--json', 'print one JSON object a device')
    .addHelpText(
      'after',
      `
Without --port, --ble or --sim it looks at ${USUAL_PORTS} and listens on the radio, where there is one.
It changes nothing on a device. A band of a site says who it is to a technician of that site alone: give --technician-key,
--technician-cert and --issuer, or --bands to know it by its adverts without connecting.

Examples:
  bandctl scan
  bandctl scan --ble --bands register.txt --issuer issuer.cwt
  bandctl scan --ble --adapter /dev/serial/by-id/usb-dongle --technician-key me.key --technician-cert me.cwt --issuer issuer.cwt
  bandctl scan --port '/dev/ttyACM*' --json
  bandctl scan --sim`,
    )
    .action(async (options: ScanOptions) => {
      finish(await scan(options, environment));
    });
}

async function scan(options: ScanOptions, environment: Environment): Promise<ExitCode> {
  const technician = await readTechnician(options, environment);
  const targets = await look(options, environment);
  const stopListening = environment.onInterrupt(() => void targets.close());
  try {
    const looks = await Promise.all(
      targets.list.map(async (target) => ({
        name: target.name,
        look: await lookAt(target, { technician, timeoutMs: options.timeout }),
      })),
    );
    for (const { name, look } of looks) show(name, look, options.json === true, environment);
    return looks.some(({ look }) => 'target' in look) ? EXIT.ok : EXIT.notReachable;
  } finally {
    stopListening();
    await targets.close();
  }
}

/** What the options name, or everything that is there. @throws CommandFailure, TargetError */
async function look(options: ScanOptions, environment: Environment): Promise<Targets> {
  const { port, sim, ble } = options;
  if (port !== undefined || sim !== undefined || ble !== undefined) {
    const targets = await chooseTargets(options, environment);
    if (targets.list.length > 0) return targets;
    await targets.close();
    throw new TargetError(
      'target/not-found',
      `nothing that offers SMP was heard in ${options.listen} s. Is it near, and switched on?`,
    );
  }
  const hasPorts = (await environment.findPorts(USUAL_PORTS)).length > 0;
  const plugged = hasPorts ? await chooseTargets({ ...options, port: [USUAL_PORTS] }, environment) : NOTHING;
  const heard = hasRadio(options) ? await heardBy(options, environment) : NOTHING;
  const list = [...plugged.list, ...heard.list];
  const close = async (): Promise<void> => {
    await Promise.all([plugged.close(), heard.close()]);
  };
  if (list.length > 0) return { list, close };
  await close();
  throw new TargetError(
    'target/not-found',
    `nothing is plugged in at ${USUAL_PORTS}${heard === NOTHING ? '' : ', and nothing is heard on the radio'}. Other ports: bandctl scan --port …; on the radio: --ble --adapter …`,
  );
}

/** A radio that nobody asked for and that cannot be used is no reason to show nothing. */
async function heardBy(options: ScanOptions, environment: Environment): Promise<Targets> {
  try {
    return await onRadio(options, [], environment);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    environment.complain(`bandctl: not on the radio: ${error.message}`);
    return NOTHING;
  }
}

const NOTHING: Targets = { list: [], close: () => Promise.resolve() };

/** Asks it; a band that tells strangers nothing is shown as its adverts have it. */
async function lookAt(target: Target, options: OpenOptions): Promise<Glance | Explanation> {
  if (options.technician === undefined && target.isUntrusted) return heardOf(target);
  try {
    return await glanceAt(target, options);
  } catch (error) {
    const explained = explainFailure(error, target.name);
    if (explained === undefined) throw error;
    return explained;
  }
}

function show(
  name: string,
  look: Glance | Explanation,
  isJson: boolean,
  { print, complain }: Environment,
): void {
  if ('target' in look) {
    print(isJson ? JSON.stringify(look) : sentence(look));
    return;
  }
  const { code, message } = look;
  if (isJson) print(JSON.stringify({ target: name, error: { code, message } }));
  else complain(`bandctl: ${message}`);
}

function sentence({
  target,
  device,
  silent,
  state,
  serial,
  hardware,
  firmware,
  image,
  ...rest
}: Glance): string {
  const { waiting, battery, rssi } = rest;
  const who =
    silent === true
      ? 'a band of some site: it tells its own technicians who it is'
      : state === undefined
        ? 'speaks SMP, firmware of others or a bootloader'
        : `${state}, of no site yet, serial ${serial ?? ''}`;
  const columns = [
    target,
    device === target ? undefined : (device ?? who),
    firmware && `${firmware} on ${hardware ?? ''}`,
    image && `image ${image}`,
    waiting === undefined ? undefined : `${waiting} waiting`,
    battery === undefined ? undefined : `battery ${battery} %`,
    rssi === undefined ? undefined : `${rssi} dBm`,
  ];
  return columns.filter((column) => column !== undefined).join('  ');
}
