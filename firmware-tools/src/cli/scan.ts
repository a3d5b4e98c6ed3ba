/** `bandctl scan`: what is there. */
import type { Command } from 'commander';
import { type Glance, glanceAt } from '../inspect/glance.js';
import { TargetError } from '../target/index.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import {
  chooseTargets,
  type Explanation,
  explainFailure,
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
Without --port it looks at ${USUAL_PORTS}. It changes nothing on a device.

Examples:
  bandctl scan
  bandctl scan --port '/dev/ttyACM*' --json
  bandctl scan --sim`,
    )
    .action(async (options: ScanOptions) => {
      finish(await scan(options, environment));
    });
}

async function scan(options: ScanOptions, environment: Environment): Promise<ExitCode> {
  const technician = await readTechnician(options, environment);
  const isUsual = options.port === undefined && options.sim === undefined;
  if (isUsual && (await environment.findPorts(USUAL_PORTS)).length === 0)
    throw new TargetError(
      'target/not-found',
      `nothing is plugged in at ${USUAL_PORTS}. Other ports: bandctl scan --port …`,
    );
  const targets = await chooseTargets(isUsual ? { ...options, port: [USUAL_PORTS] } : options, environment);
  const stopListening = environment.onInterrupt(() => void targets.close());
  try {
    const looks = await Promise.all(
      targets.list.map(async (target) => ({
        name: target.name,
        look: await glanceAt(target, { technician, timeoutMs: options.timeout }).catch((error: unknown) => {
          const explained = explainFailure(error, target.name);
          if (explained === undefined) throw error;
          return explained;
        }),
      })),
    );
    for (const { name, look } of looks) show(name, look, options.json === true, environment);
    return looks.some(({ look }) => 'target' in look) ? EXIT.ok : EXIT.notReachable;
  } finally {
    stopListening();
    await targets.close();
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

function sentence({ target, device, hardware, firmware, image, waiting, battery, rssi }: Glance): string {
  const columns = [
    target,
    device ?? 'speaks SMP, firmware of others or a bootloader',
    firmware && `${firmware} on ${hardware ?? ''}`,
    image && `image ${image}`,
    waiting === undefined ? undefined : `${waiting} waiting`,
    battery === undefined ? undefined : `battery ${battery} %`,
    rssi === undefined ? undefined : `${rssi} dBm`,
  ];
  return columns.filter((column) => column !== undefined).join('  ');
}
