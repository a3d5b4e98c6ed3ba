/** Options that say which bands there are, for all commands that have to do with them. */
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { PrivateKey } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { PLAIN_TAGS } from '../taps/bands.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseBands, parseMix } from './options.js';

export function bandsOption(): Option {
  return new Option('--bands <bands>', 'bands that tap here: a count, or a range such as 14-27')
    .argParser(parseBands)
    .default(parseBands('40'), '40');
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
