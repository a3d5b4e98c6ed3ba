/** `bandctl image`: MCUboot images and the keys that sign them. */
import type { Command } from 'commander';
import type { Environment } from '../environment.js';
import type { ExitCode } from '../exit-codes.js';
import { registerImageInfo, registerVerify } from './inspect.js';
import { registerKeygen, registerPubkey } from './keys.js';
import { registerSign } from './sign.js';

export function registerImage(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const image = program
    .command('image')
    .description('sign, check and look at firmware images (MCUboot), and make keys for them');
  registerSign(image, environment);
  registerVerify(image, environment, finish);
  registerImageInfo(image, environment);
  registerKeygen(image, environment);
  registerPubkey(image, environment);
}
