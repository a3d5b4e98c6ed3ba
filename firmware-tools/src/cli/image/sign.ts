/** `bandctl image sign`: makes a program into an image that the bootloader accepts. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { fromHex, toHex } from '@timeband/protocol';
import {
  DEFAULT_SLOT,
  type Dependency,
  formatVersion,
  hardwareTlv,
  type ImageVersion,
  parseVersion,
  readImage,
  readImageFile,
  securityCounterOf,
  type Sha,
  signImage,
  type Tlv,
  trailerSize,
  verifyImage,
  writeImageFile,
} from '../../image/index.js';
import type { Environment } from '../environment.js';
import { type KeyOptions, keyOptions, openKey } from './keys.js';

interface SignCommandOptions extends KeyOptions {
  readonly version: string;
  readonly headerSize: number;
  readonly padHeader?: true;
  readonly slotSize: number;
  readonly pad?: true;
  readonly confirm?: true;
  readonly align: number;
  readonly maxAlign?: number;
  readonly maxSectors: number;
  readonly overwriteOnly?: true;
  readonly erased: 0 | 255;
  readonly securityCounter?: number | 'auto';
  readonly depends: readonly Dependency[];
  readonly custom: readonly Tlv[];
  readonly hardware?: string;
  readonly embedKey?: true;
  readonly sha: '256' | '512';
  readonly pure?: true;
  readonly loadAddr?: number;
  readonly romFixed?: number;
  readonly hexAddr?: number;
  readonly json?: true;
}

export function registerSign(image: Command, environment: Environment): void {
  const command = image
    .command('sign')
    .description('sign a program as an MCUboot image')
    .argument('<program>', 'raw bytes, or Intel HEX (.hex)')
    .argument('<output>', 'the image; Intel HEX when it ends in .hex');
  keyOptions(command, 'private key, PEM')
    .requiredOption('-v, --version <version>', 'like 2.1.7 or 2.1.7+33')
    .requiredOption('-S, --slot-size <bytes>', 'size of the slot it has to fit', number)
    .option('-H, --header-size <bytes>', 'room before the program', number, 0x200)
    .option('--pad-header', 'add that room; without it the program begins with as many zeros')
    .option('--pad', 'fill the slot, with the marks that ask for the swap')
    .option('--confirm', 'fill the slot, and mark it confirmed: it is never swapped back')
    .option('--align <bytes>', 'smallest write of the flash', number, DEFAULT_SLOT.align)
    .option('--max-align <bytes>', 'the larger one of both slots (default: 8, or --align)', number)
    .option('-M, --max-sectors <count>', 'sectors of the slot', number, DEFAULT_SLOT.maxSectors)
    .option('--overwrite-only', 'for a bootloader that copies and never swaps back')
    .addOption(
      new Option('-R, --erased <value>', 'what erased flash reads as: 0xff or 0x00')
        .argParser(number)
        .default(DEFAULT_SLOT.erased, '0xff'),
    )
    .option('-s, --security-counter <number>', 'a number, or auto: from the version', counter)
    .option(
      '-d, --depends <image@version>',
      'needs another image at least this new; repeatable',
      dependency,
      [],
    )
    .option(
      '--custom <type=hex>',
      'a protected entry of your own, type 0xa0 to 0xfffe; repeatable',
      custom,
      [],
    )
    .option(
      '--hardware <name>',
      'the hardware it is for, as "bandctl info" shows it: bandctl update asks for it',
    )
    .option('--embed-key', 'put the whole public key in instead of its hash')
    .addOption(
      new Option('--sha <bits>', 'hash; 512 is for Ed25519 only').choices(['256', '512']).default('256'),
    )
    .option('--pure', 'Ed25519 over the image itself (CONFIG_BOOT_SIGNATURE_TYPE_PURE)')
    .option('-L, --load-addr <address>', 'runs from RAM at this address', number)
    .option('-F, --rom-fixed <address>', 'runs from this address in flash only', number)
    .option('-x, --hex-addr <address>', 'where the image stands, for Intel HEX', number)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  bandctl image sign --key release-key.pem --version 2.1.7 --slot-size 0x60000 --pad-header --hardware reader-2 app.bin app.signed.bin
  bandctl image sign -k release-key.pem -v 2.1.7+33 -S 0x60000 -s auto -d 1@1.4.0 --confirm app.hex app.signed.hex`,
    )
    .action(async (program: string, output: string, options: SignCommandOptions) => {
      const key = await openKey(options, environment);
      const version = parseVersion(options.version);
      const input = readImageFile(program, options.erased);
      const { headerSize, align, maxSectors } = options;
      const padHeader = options.padHeader === true;
      const slot = {
        ...{ size: options.slotSize, align, maxSectors, erased: options.erased },
        maxAlign: options.maxAlign ?? Math.max(DEFAULT_SLOT.maxAlign, align),
        overwriteOnly: options.overwriteOnly === true,
      };
      const bytes = signImage(input.bytes, {
        ...{ key, version, headerSize, padHeader, slot },
        ...{ pad: options.pad === true, confirm: options.confirm === true },
        securityCounter: counterOf(options.securityCounter, version),
        dependencies: options.depends,
        custom: [
          ...(options.hardware === undefined ? [] : [hardwareTlv(options.hardware)]),
          ...options.custom,
        ],
        ...{ embedKey: options.embedKey === true, pure: options.pure === true },
        sha: `sha${options.sha}` satisfies Sha,
        ...{ loadAddress: options.loadAddr, romFixed: options.romFixed },
      });
      // Whoever signs wants to know now, not on a hundred bands, that the image is good.
      const signed = readImage(bytes);
      verifyImage(signed, key);
      const start = input.address === undefined || !padHeader ? input.address : input.address - headerSize;
      writeImageFile(output, { bytes, address: options.hexAddr ?? start });
      const digest = toHex(signed.digest);
      const size = signed.bytes.length;
      if (options.json === true) {
        environment.print(JSON.stringify({ file: output, version: formatVersion(version), size, digest }));
        return;
      }
      const used = Math.round((100 * (size + trailerSize(slot))) / slot.size);
      environment.print(
        `${output}: version ${formatVersion(version)}, ${size} bytes, signed with ${key.kind}.\n` +
          `  hash: ${digest}\n  slot: ${used} % of ${slot.size} bytes with its trailer`,
      );
    });
}

function counterOf(asked: number | 'auto' | undefined, version: ImageVersion): number | undefined {
  return asked === 'auto' ? securityCounterOf(version) : asked;
}

function number(text: string): number {
  if (!/^(?:0x[\da-f]+|\d+)$/i.test(text)) throw new InvalidArgumentError('not a number, decimal or 0x…');
  return Number(text);
}

function counter(text: string): number | 'auto' {
  return text === 'auto' ? text : number(text);
}

function dependency(text: string, earlier: readonly Dependency[]): readonly Dependency[] {
  const [image, version] = text.split('@');
  if (image === undefined || version === undefined) throw new InvalidArgumentError('write it like 1@1.4.0');
  return [...earlier, { image: number(image), version: parseVersion(version) }];
}

function custom(text: string, earlier: readonly Tlv[]): readonly Tlv[] {
  const [type, value] = text.split('=');
  if (type === undefined || value === undefined || !/^(?:[\da-f]{2})*$/i.test(value))
    throw new InvalidArgumentError('write it like 0x00a1=c0ffee');
  return [...earlier, { type: number(type), value: fromHex(value) }];
}
