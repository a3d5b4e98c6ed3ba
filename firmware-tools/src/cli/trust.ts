/** Whom a command believes, from the files that it is given. */
import type { Command } from 'commander';
import { TimebandError } from '@timeband/protocol';
import { believe, type Believed } from '../receipt/check.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { readFileOr } from './files.js';

export interface TrustOptions {
  readonly issuer: string;
  readonly root?: string;
  readonly gateway?: string;
}

/** Adds the options by which {@link readTrust} learns whom to begin with. */
export function anchorOptions(command: Command): Command {
  return command
    .requiredOption('--issuer <file>', "the site's issuer certificate (issuer.cwt)")
    .option('--root <file>', "the city's root certificate, when it certified the issuer");
}

/** The same, and the one for what a gateway signed. */
export function trustOptions(command: Command): Command {
  return anchorOptions(command).option(
    '--gateway <file>',
    "the gateway's certificate, where it is not inside (gateway.cwt)",
  );
}

/** @throws CommandFailure */
export function readTrust({ issuer, root, gateway }: TrustOptions): Believed {
  const anchors = {
    issuer: readFileOr(issuer, 'the issuer certificate'),
    root: root === undefined ? undefined : readFileOr(root, 'the root certificate'),
  };
  const certificate = gateway === undefined ? undefined : readFileOr(gateway, 'the gateway certificate');
  try {
    return { ...believe(anchors), certificate };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    const hint =
      root !== undefined
        ? `It has to be certified by ${root}.`
        : error.code === 'cert/untrusted-issuer'
          ? "If a city certified it, give the city's certificate with --root."
          : 'It is the issuer.cwt that the site was made with.';
    throw new CommandFailure(EXIT.refused, `${issuer} cannot be believed: ${error.message}. ${hint}`);
  }
}
