/** `bandctl image info` and `verify`. */
import type { Command } from 'commander';
import { toHex } from '@timeband/protocol';
import {
  formatVersion,
  type Image,
  ImageError,
  readImage,
  readImageFile,
  verifyImage,
} from '../../image/index.js';
import type { Environment } from '../environment.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type KeyOptions, keyOptions, openKey } from './keys.js';

export function registerVerify(
  image: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  keyOptions(
    image
      .command('verify')
      .description('check that an image is whole and signed with a key')
      .argument('<image>', 'raw bytes, or Intel HEX (.hex)'),
    'key that it should be signed with; the public half will do',
  )
    .option('--json', 'print the verdict as one JSON object')
    .addHelpText(
      'after',
      `
Ends with ${EXIT.ok} when it is good and with ${EXIT.refused} when it is not.

Example:
  bandctl image verify --key release-key.pub.pem app.signed.bin`,
    )
    .action(async (file: string, options: KeyOptions & { readonly json?: true }) => {
      const key = await openKey(options, environment);
      try {
        const read = readImage(readImageFile(file).bytes);
        verifyImage(read, key);
        environment.print(
          options.json === true
            ? JSON.stringify({ verdict: 'good', ...factsOf(read) })
            : `${file} is good: version ${formatVersion(read.header.version)}, signed with this key.`,
        );
        finish(EXIT.ok);
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        const { code, message } = error;
        environment.print(
          options.json === true
            ? JSON.stringify({ verdict: 'refused', code, message })
            : `Do not use ${file}: ${message} (${code}).`,
        );
        finish(EXIT.refused);
      }
    });
}

export function registerImageInfo(image: Command, environment: Environment): void {
  image
    .command('info')
    .description('show what an image says of itself; its hash is checked, its signature is not')
    .argument('<image>', 'raw bytes, or Intel HEX (.hex)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  bandctl image info app.signed.bin`,
    )
    .action((file: string, { json }: { readonly json?: true }) => {
      const facts = factsOf(readImage(readImageFile(file).bytes));
      if (json === true) {
        environment.print(JSON.stringify(facts));
        return;
      }
      const shown = Object.entries(facts).filter(([, value]) => value !== null);
      environment.print(
        shown
          .map(([name, value]) => {
            const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
            return `${words.padEnd(18)}${Array.isArray(value) ? value.join(', ') || 'none' : String(value)}`;
          })
          .join('\n'),
      );
    });
}

/** For people and for JSON: null where there is none. */
function factsOf({
  header,
  sha,
  digest,
  securityCounter,
  dependencies,
  custom,
  signature,
  bytes,
  ...rest
}: Image) {
  const signer = signature?.signer;
  return {
    version: formatVersion(header.version),
    size: bytes.length,
    program: header.imageSize,
    headerSize: header.headerSize,
    flags: `0x${header.flags.toString(16)}`,
    loadAddress: header.loadAddress === 0 ? null : `0x${header.loadAddress.toString(16)}`,
    securityCounter: securityCounter ?? null,
    dependencies: dependencies.map(({ image, version }) => `${image}@${formatVersion(version)}`),
    custom: custom.map(({ type, value }) => `0x${type.toString(16)}=${toHex(value)}`),
    [sha]: toHex(digest),
    signature: signature === undefined ? 'none' : `${signature.kind}${signature.pure ? ', pure' : ''}`,
    keyHash: signer !== undefined && 'hash' in signer ? toHex(signer.hash) : null,
    publicKey: signer !== undefined && 'key' in signer ? toHex(signer.key) : null,
    padded: rest.padded,
    confirmed: rest.confirmed,
  };
}
