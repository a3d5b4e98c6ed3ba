/** Options that say which bands there are, for all commands that have to do with them. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import type { PrivateKey } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { type BandRange, PLAIN_TAGS } from '../taps/bands.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseBands, parseMix } from './options.js';

/** @param most bands that there can be */
export function bandsOption(says = 'bands that tap here', usual = '40', most = Infinity): Option {
  const parse = (text: string): BandRange => {
    const range = parseBands(text);
    if (range.to - range.from >= most) throw new InvalidArgumentError(`At most ${most} bands.`);
    return range;
  };
  return new Option('--bands <bands>', `${says}: a count, or a range such as 14-27`)
    .argParser(parse)
    .default(parse(usual), usual);
}

export function mixOption(): Option {
  return new Option(
    '--mix <uid:sun:key>',
    'of so many bands: tags with a UID, tags with a MAC, bands with a key',
  )
    .argParser(parseMix)
    .default(PLAIN_TAGS, '1:0:0');
}

/** Reads the site's issuer key. @throws CommandFailure saying what is the matter with the file */
export function readIssuerKey(file: string): PrivateKey {
  try {
    return readPrivateKeyPem(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandFailure(
      EXIT.notReachable,
      `cannot read the issuer key in ${file}: ${(error as Error).message}. Give the PEM file that the gateway's init wrote.`,
    );
  }
}
