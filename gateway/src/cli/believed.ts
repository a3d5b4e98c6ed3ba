/** Whom a command is told to believe: the site's issuer, and the city's root where that certified it. */
import { readFileSync } from 'node:fs';
import { TimebandError } from '@timeband/protocol';
import { type SiteTrust, trustIn } from '../config/index.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

export interface BelievedOptions {
  readonly issuer?: string;
  readonly root?: string;
}

export const ISSUER_OPTION = [
  '--issuer <file>',
  "the site's issuer certificate, to believe nothing else",
] as const;
export const ROOT_OPTION = [
  '--root <file>',
  "the city's root certificate, where that certified the issuer",
] as const;

/** Nothing where nobody was named. @throws CommandFailure */
export function believed({ issuer, root }: BelievedOptions): SiteTrust | undefined {
  if (issuer === undefined) {
    if (root === undefined) return undefined;
    throw new CommandFailure(EXIT.usage, '--root goes with --issuer');
  }
  try {
    return trustIn(readFileSync(issuer), root === undefined ? undefined : readFileSync(root));
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new CommandFailure(
      EXIT.refused,
      `${issuer} is no issuer's certificate: ${error.message} (${error.code})`,
    );
  }
}
