/** `bandsim bands`: what a gateway has to know of simulated bands, to tell what their taps prove. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type BandMix, type BandRange, BandStock } from '../taps/bands.js';
import { provision } from '../taps/provision.js';
import { bandsOption, mixOption, readIssuerKey } from './band-options.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseIdOption } from './options.js';

interface Options {
  readonly site: string;
  readonly issuerKey: string;
  readonly out: string;
  readonly bands: BandRange;
  readonly mix: BandMix;
  readonly seed: string;
  readonly json?: true;
}

export function registerBands(program: Command): void {
  program
    .command('bands')
    .description('write the keys of simulated tags and the certificates of simulated bands, for a gateway')
    .requiredOption('--site <name>', 'the site they belong to', parseIdOption)
    .requiredOption('--issuer-key <file>', "the site's issuer key (PKCS#8 PEM), to certify the bands with")
    .requiredOption('--out <dir>', 'folder to write tag-keys.json and bands/ into')
    .addOption(bandsOption())
    .addOption(mixOption())
    .option('--seed <text>', 'the seed that their reader is given', '1')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Then name both in the gateway's configuration, as tagKeys and certificates, and restart it.

Example:
  bandsim bands --site dahaiyang --issuer-key issuer-key.pem --mix 2:1:1 --out trust
  bandsim reader --site dahaiyang --issuer-key issuer-key.pem --mix 2:1:1 --rate 30`,
    )
    .action(({ site, issuerKey, out, bands: range, mix, seed, json }: Options) => {
      const key = readIssuerKey(issuerKey);
      const stock = new BandStock({ seed, site, mix });
      let written: ReturnType<typeof provision>;
      try {
        written = provision(resolve(out), key, [{ stock, range }]);
      } catch (error) {
        throw new CommandFailure(EXIT.failed, `cannot write into ${out}: ${(error as Error).message}`);
      }
      if (json === true) console.log(JSON.stringify(written));
      else console.log(`tagKeys: ${written.tagKeys}\ncertificates: ${written.certificates}`);
    });
}
