/** `bandctl image keygen` and `pubkey`, and how the image commands open keys. */
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { toHex } from '@timeband/protocol';
import {
  generateImageKey,
  ImageError,
  type ImageKey,
  KEY_KINDS,
  type KeyKind,
  readImageKey,
} from '../../image/index.js';
import type { Environment } from '../environment.js';

import { askNewPassphrase, readPassphraseFile } from '../passphrase.js';

export interface KeyOptions {
  readonly key: string;
  readonly passphraseFile?: string;
}

/** Adds the options that name a key. */
export function keyOptions(command: Command, what: string): Command {
  return command
    .requiredOption('-k, --key <file>', what)
    .option(
      '--passphrase-file <file>',
      'its first line is the passphrase of the key; otherwise it is asked for',
    );
}

/** Opens a key file, and asks for the passphrase where it has one. @throws ImageError, CommandFailure */
export async function openKey(
  { key, passphraseFile }: KeyOptions,
  environment: Environment,
): Promise<ImageKey> {
  if (passphraseFile !== undefined) return readImageKey(key, readPassphraseFile(passphraseFile));
  try {
    return readImageKey(key);
  } catch (error) {
    if (!(error instanceof ImageError && error.code === 'key/passphrase')) throw error;
    return readImageKey(key, await environment.askSecret(`Passphrase of ${key}: `));
  }
}

interface KeygenOptions {
  readonly type: KeyKind;
  readonly encrypt?: true;
  readonly passphraseFile?: string;
  readonly json?: true;
}

export function registerKeygen(image: Command, environment: Environment): void {
  image
    .command('keygen')
    .description('make a key that signs images; it is written to a file that only you can read')
    .argument('<file>', 'where to; never over another file')
    .addOption(new Option('-t, --type <type>', 'kind of key').choices([...KEY_KINDS]).default('ed25519'))
    .option('--encrypt', 'protect it with a passphrase, which is asked for')
    .option('--passphrase-file <file>', 'protect it with the passphrase on the first line of this file')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The bootloader needs the public half: bandctl image pubkey.

Example:
  bandctl image keygen --encrypt release-key.pem`,
    )
    .action(async (file: string, { type, encrypt, passphraseFile, json }: KeygenOptions) => {
      let passphrase: string | undefined;
      if (passphraseFile !== undefined) passphrase = readPassphraseFile(passphraseFile);
      else if (encrypt === true) passphrase = await askNewPassphrase(environment, file);
      const key = generateImageKey(type, file, passphrase);
      const hash = toHex(key.hash('sha256'));
      if (json === true)
        environment.print(JSON.stringify({ file, type, encrypted: passphrase !== undefined, hash }));
      else
        environment.print(
          `${file}: a new ${type} key${passphrase === undefined ? ', NOT encrypted' : ', encrypted'}.\n` +
            `  key hash: ${hash}\n` +
            `Keep it away from build machines that others use. Its public half: bandctl image pubkey --key ${file}`,
        );
    });
}

interface PubkeyOptions extends KeyOptions {
  readonly format: 'pem' | 'c' | 'hash';
  readonly output?: string;
  readonly json?: true;
}

export function registerPubkey(image: Command, environment: Environment): void {
  keyOptions(
    image.command('pubkey').description('print the public half of a key, as PEM or as C for the bootloader'),
    'key file, private or public',
  )
    .addOption(
      new Option('-f, --format <format>', 'pem, C array of the key, or its SHA-256 in hex')
        .choices(['pem', 'c', 'hash'])
        .default('pem'),
    )
    .option('-o, --output <file>', 'write it there instead of printing it')
    .option('--json', 'print kind, hash and PEM as one JSON object')
    .addHelpText(
      'after',
      `
Example:
  bandctl image pubkey --key release-key.pem --format c --output keys.c`,
    )
    .action(async (options: PubkeyOptions) => {
      const key = await openKey(options, environment);
      const forms = {
        pem: () => key.publicPem(),
        c: () => cSource(key),
        hash: () => toHex(key.hash('sha256')),
      };
      const text = forms[options.format]().trimEnd();
      if (options.json === true)
        environment.print(JSON.stringify({ type: key.kind, hash: forms.hash(), pem: key.publicPem() }));
      else if (options.output === undefined) environment.print(text);
      if (options.output !== undefined) writeFileSync(options.output, `${text}\n`);
    });
}

/** What MCUboot's build links in (Signing key, in its documentation). */
function cSource(key: ImageKey): string {
  const name = key.kind === 'ed25519' ? 'ed25519_pub_key' : 'ecdsa_pub_key';
  const bytes = [...key.publicBytes].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
  const rows = Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) => bytes.slice(8 * i, 8 * i + 8));
  return [
    '/* Public key that images are signed with. Made by bandctl image pubkey. */',
    `const unsigned char ${name}[] = {`,
    ...rows.map((row) => `    ${row.join(', ')},`),
    '};',
    `const unsigned int ${name}_len = ${bytes.length};`,
  ].join('\n');
}
