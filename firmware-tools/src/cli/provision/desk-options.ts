/** The options that open a site's desk: its issuer's key, certificates and register. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { CoseError, fromHex, type PrivateKey } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { Desk } from '../../provision/index.js';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT } from '../exit-codes.js';
import { readFileOr } from '../files.js';
import { readPassphraseFile } from '../passphrase.js';

export interface DeskOptions {
  readonly issuerKey: string;
  readonly issuer: string;
  readonly root?: string;
  readonly register?: string;
  readonly passphraseFile?: string;
  readonly master?: string;
  readonly operatorKey?: string;
}

export function deskOptions(command: Command): Command {
  return command
    .requiredOption('--issuer-key <file>', "the site's issuer key (issuer.key); its passphrase is asked for")
    .requiredOption('--issuer <file>', "the site's issuer certificate (issuer.cwt)")
    .option('--root <file>', "the city's root certificate, when it certified the issuer")
    .option('--register <file>', "the site's register (default: register.txt beside the issuer key)")
    .option('--passphrase-file <file>', 'its first line is the passphrase of the keys');
}

/** For commands that make devices. */
export function makingOptions(command: Command): Command {
  return deskOptions(command)
    .option('--operator-key <file>', 'key of the operator who approves whose band it is')
    .option('--master <file>', 'site master, 64 hexadecimal digits, for devices that only MAC');
}

/** Opens the desk; it has to be closed. @throws CommandFailure, ProvisionError */
export async function openDesk(options: DeskOptions, environment: Environment): Promise<Desk> {
  const { issuerKey, issuer, root, master, operatorKey } = options;
  return new Desk({
    issuerKey: await readKey(issuerKey, options, environment),
    issuer: readFileOr(issuer, 'the issuer certificate'),
    root: root === undefined ? undefined : readFileOr(root, 'the root certificate'),
    register: options.register ?? join(dirname(issuerKey), 'register.txt'),
    master: master === undefined ? undefined : readMaster(master),
    operatorKey: operatorKey === undefined ? undefined : await readKey(operatorKey, options, environment),
    now: environment.now,
  });
}

/** A private key from a file that only its owner can read. @throws CommandFailure */
export async function readKey(
  file: string,
  { passphraseFile }: Pick<DeskOptions, 'passphraseFile'>,
  environment: Environment,
): Promise<PrivateKey> {
  const pem = new TextDecoder().decode(readFileOr(file, `the key ${file}`));
  refuseOpen(file);
  const encrypted = pem.includes('ENCRYPTED');
  const ask = (): Promise<string> | string =>
    passphraseFile === undefined
      ? environment.askSecret(`Passphrase of ${file}: `)
      : readPassphraseFile(passphraseFile);
  try {
    return readPrivateKeyPem(pem, encrypted ? await ask() : undefined);
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file}: ${error.message}`);
  }
}

function readMaster(file: string): Uint8Array {
  refuseOpen(file);
  const text = readFileSync(file, 'utf8').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text.toLowerCase());
  throw new CommandFailure(EXIT.refused, `${file} is no site master: 64 hexadecimal digits`);
}

function refuseOpen(file: string): void {
  if ((statSync(file).mode & 0o077) !== 0)
    throw new CommandFailure(EXIT.refused, `${file} can be read by others. Run: chmod 600 ${file}`);
}
