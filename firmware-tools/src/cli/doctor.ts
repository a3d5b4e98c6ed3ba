/** `bandctl doctor`: what is wrong with a device, and what to do. */
import type { Command } from 'commander';
import { describeDiagnosis, diagnose, type Diagnosis } from '../inspect/health/index.js';
import { type DeviceCliOptions, openTargets } from './devices.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { explainFailure, targetOptions } from './targets.js';

export function registerDoctor(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('doctor')
    .description('say what is wrong with a device, and what to do about it');
  targetOptions(command)
    .option('--json', 'print one JSON object a device')
    .addHelpText(
      'after',
      `
It looks at the link, the certificate (give --issuer), the clock, the flash, the power, the firmware and the radio, and changes
nothing. Exits with 0 when the device works, 4 when something is wrong (✗), 3 when nobody answers. What is marked ! works, and
somebody should look at it.

Examples:
  bandctl doctor --port /dev/ttyUSB0 --issuer issuer.cwt
  bandctl doctor --ble band-7 --bands bands.json --technician-key me.key --technician-cert me.cwt --issuer issuer.cwt
  bandctl doctor --sim --json`,
    )
    .action(async (options: DeviceCliOptions) => {
      finish(await examine(options, environment));
    });
}

async function examine(options: DeviceCliOptions, environment: Environment): Promise<ExitCode> {
  const { targets, technician, issuer } = await openTargets(options, environment);
  const stopListening = environment.onInterrupt(() => void targets.close());
  try {
    const codes: ExitCode[] = [];
    for (const target of targets.list) {
      try {
        const diagnosis = await diagnose(target, {
          ...{ technician, issuer, timeoutMs: options.timeout, now: environment.now },
          tick: () => performance.now(),
        });
        codes.push(show(diagnosis, options.json === true, environment));
      } catch (error) {
        const explained = explainFailure(error, target.name);
        if (explained === undefined) throw error;
        const { exitCode, code, message } = explained;
        if (options.json === true)
          environment.print(JSON.stringify({ target: target.name, error: { code, message } }));
        environment.complain(`bandctl: ${message}`);
        codes.push(exitCode);
      }
    }
    return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
  } finally {
    stopListening();
    await targets.close();
  }
}

function show(diagnosis: Diagnosis, isJson: boolean, { print }: Environment): ExitCode {
  print(isJson ? JSON.stringify(diagnosis) : describeDiagnosis(diagnosis));
  return diagnosis.findings.some(({ verdict }) => verdict === 'ill') ? EXIT.refused : EXIT.ok;
}
