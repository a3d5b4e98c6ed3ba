/** `bandsim bands`: what a gateway has to know of simulated bands, to tell what their taps prove. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type BandMix, type BandRange, BandStock, WRISTBANDS } from '../taps/bands.js';
import { type Provisioned, provision } from '../taps/provision.js';
import { bandsOption, mixOption, readIssuerKey } from './band-options.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseIdOption } from './options.js';

interface Options {
  readonly site: string;
  readonly issuerKey: string;
  readonly out: string;
  readonly bands: BandRange;
  readonly mix: BandMix;
  readonly radio?: true;
  readonly seed: string;
  readonly json?: true;
}

export function registerBands(program: Command): void {
  program
    .command('bands')
    .description('write the keys of simulated tags and bands and the certificates of bands, for a gateway')
    .requiredOption('--site <name>', 'the site they belong to', parseIdOption)
    .requiredOption('--issuer-key <file>', "the site's issuer key (PKCS#8 PEM), to certify the bands with")
    .requiredOption('--out <dir>', 'folder to write tag-keys.json, bands/ and radio-bands.json into')
    .addOption(bandsOption())
    .addOption(mixOption())
    .addOption(
      new Option('--radio', 'they are wristbands with a radio: write radio-bands.json too').conflicts('mix'),
    )
    .option('--seed <text>', 'the seed that their reader or radio is given', '1')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Then name them in the gateway's configuration, as tagKeys, certificates and bands of the radio, and restart it.

Examples:
  bandsim bands --site dahaiyang --issuer-key issuer-key.pem --mix 2:1:1 --out trust
  bandsim reader --site dahaiyang --issuer-key issuer-key.pem --mix 2:1:1 --rate 30

  bandsim bands --site dahaiyang --issuer-key issuer-key.pem --radio --bands 0-11 --out trust
  bandsim radio --site dahaiyang --issuer-key issuer-key.pem --bands 0-11 --rate 20 --link /tmp/radio`,
    )
    .action(({ site, issuerKey, out, bands: range, mix, radio, seed, json }: Options) => {
      const key = readIssuerKey(issuerKey);
      const hasRadio = radio === true;
      const stock = new BandStock({ seed, site, mix: hasRadio ? WRISTBANDS : mix });
      let written: Provisioned;
      try {
        written = provision(resolve(out), key, [{ stock, range, hasRadio }]);
      } catch (error) {
        throw new CommandFailure(EXIT.failed, `cannot write into ${out}: ${(error as Error).message}`);
      }
      if (json === true) console.log(JSON.stringify(written));
      else console.log(settings(written));
    });
}

/** Lines for the gateway's configuration. The radio's stand below what else it is told of its radio. */
function settings({ tagKeys, certificates, radioBands }: Provisioned): string {
  const lines = [`tagKeys: ${tagKeys}`, `certificates: ${certificates}`];
  return [...lines, ...(radioBands === undefined ? [] : ['radio:', `  bands: ${radioBands}`])].join('\n');
}
