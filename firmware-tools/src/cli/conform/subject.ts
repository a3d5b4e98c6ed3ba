/** The one device that is examined, with the bench that the options describe. */
import { spawn } from 'node:child_process';
import { openIssuerCertificate, TimebandError } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import type { Issuer, Subject } from '../../conform/index.js';
import { simulatedTargets, type SimulatedTargets, type SimulatorChoice } from '../../target/index.js';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT } from '../exit-codes.js';
import { readFileOr } from '../files.js';
import { chooseTargets, type TargetCliOptions } from '../targets.js';

export interface BenchCliOptions {
  readonly issuerKey?: string;
  readonly powerCommand?: string;
}

export interface Bench {
  readonly subject: Subject;
  /** Nothing on it is anybody's. */
  readonly isSimulated: boolean;
  readonly close: () => Promise<void>;
}

/** Few enough to be filled in seconds. */
const SIMULATED_SLOTS = ['--slots', '64'];

/** @throws CommandFailure, TargetError */
export async function openBench(
  options: TargetCliOptions & BenchCliOptions,
  environment: Environment,
): Promise<Bench> {
  const given = await readIssuer(options, environment);
  let simulated: SimulatedTargets | undefined;
  const simulate = async ({ args = [] }: SimulatorChoice): Promise<SimulatedTargets> => {
    simulated = await simulatedTargets({
      args: args.includes('--slots') ? args : [...args, ...SIMULATED_SLOTS],
    });
    return simulated;
  };
  const targets = await chooseTargets(options, environment, simulate);
  const [target, ...others] = targets.list;
  if (target === undefined || others.length > 0) {
    await targets.close();
    throw target === undefined
      ? new CommandFailure(EXIT.notReachable, 'nobody was heard')
      : new CommandFailure(
          EXIT.usage,
          `there are ${targets.list.length} devices: ${targets.list.map(({ name }) => name).join(', ')}. Name one`,
        );
  }
  const { powerCommand } = options;
  return {
    subject: {
      name: target.name,
      open: () => target.open(),
      issuer: given ?? simulated?.issuer,
      cyclePower: powerCommand === undefined ? simulated?.restart : () => runCommand(powerCommand),
    },
    isSimulated: simulated !== undefined,
    close: () => targets.close(),
  };
}

/** @throws CommandFailure */
async function readIssuer(
  { issuerKey, issuer }: TargetCliOptions & BenchCliOptions,
  { askSecret }: Environment,
): Promise<Issuer | undefined> {
  if (issuerKey === undefined) return undefined;
  if (issuer === undefined)
    throw new CommandFailure(EXIT.usage, "--issuer-key needs the issuer's certificate beside it: --issuer");
  const pem = new TextDecoder().decode(readFileOr(issuerKey, "the issuer's key"));
  try {
    const { subject: name, site } = openIssuerCertificate(readFileOr(issuer, 'the issuer certificate'));
    const passphrase = pem.includes('ENCRYPTED')
      ? await askSecret(`Passphrase of ${issuerKey}: `)
      : undefined;
    return { key: readPrivateKeyPem(pem, passphrase), name, site };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const file = error instanceof TimebandError ? issuer : issuerKey;
    throw new CommandFailure(EXIT.refused, `${file} cannot be used: ${(error as Error).message}`);
  }
}

/** @throws CommandFailure when it fails */
function runCommand(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new CommandFailure(EXIT.failed, `the power command failed (${why}): ${command}`));
    };
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', (error) => {
      fail(error.message);
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else fail(`it ended with ${String(code)}`);
    });
  });
}
