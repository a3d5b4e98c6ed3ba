/** `bandctl decode`: what any bytes are, and what is wrong with them. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { TimebandError } from '@timeband/protocol';
import {
  decodeInput,
  describeFinding,
  type Finding,
  type Input,
  parseAddress,
  readInput,
  readText,
  worst,
} from '../inspect/bytes/index.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { readBandKeys } from './radio-options.js';

interface DecodeCliOptions {
  readonly issuer?: string;
  readonly root?: string;
  readonly certificate: readonly string[];
  readonly bands?: string;
  readonly address?: string;
  readonly brief?: true;
  readonly json?: true;
}

export function registerDecode(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  program
    .command('decode')
    .description('say what any bytes are, field by field, and what is wrong with them')
    .argument('<what>', 'hexadecimal, base64, the text of a receipt, a file, or - for standard input')
    .option('--issuer <file>', "the site's issuer certificate (issuer.cwt), to check signatures by")
    .option('--root <file>', "the city's root certificate, when it certified the issuer")
    .option(
      '--certificate <file>',
      'certificate of whoever signed; may be given several times',
      (file: string, before: readonly string[]) => [...before, file],
      [],
    )
    .option('--bands <file>', "the bands' keys, to read adverts: the register, or the gateway's bands.json")
    .option('--address <address>', 'where an advert came from, as c0:11:22:33:44:55')
    .option('--brief', 'leave out the bytes')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
It knows records, seals, acks, clock and policy documents, certificates, events and their JSON twins, receipts,
heads, proofs, grants, registers, SMP packets, serial lines, adverts, and shows any other CBOR as far as it is.
Exits with 4 when something in the bytes is wrong; what nobody gave the keys for is marked with "?".

Examples:
  bandctl decode a2010a0215
  bandctl decode event.cbor --issuer issuer.cwt --certificate gateway.cwt
  mosquitto_sub -t 'tb/1/+/+/event/#' -C 1 | bandctl decode - --brief`,
    )
    .action((what: string, options: DecodeCliOptions) => {
      finish(decode(what, options, environment));
    });
}

function decode(what: string, options: DecodeCliOptions, environment: Environment): ExitCode {
  const input = readWhat(what, environment);
  if (input.form === 'unreadable') throw new CommandFailure(EXIT.usage, input.why);
  const finding = decodeWith(input, options, environment);
  if (options.json === true) environment.print(JSON.stringify(finding));
  else environment.print(describeFinding(finding, { isBrief: options.brief === true }));
  return worst(finding) === 'bad' ? EXIT.refused : EXIT.ok;
}

/** @throws CommandFailure */
function decodeWith(
  input: Exclude<Input, { form: 'unreadable' }>,
  { issuer, root, certificate, bands, address }: DecodeCliOptions,
  { now }: Environment,
): Finding {
  const from = address === undefined ? undefined : parseAddress(address);
  if (address !== undefined && from === undefined)
    throw new CommandFailure(EXIT.usage, `${address} is no address: c0:11:22:33:44:55`);
  try {
    return decodeInput(input, {
      issuer: issuer === undefined ? undefined : readFileOr(issuer, 'the issuer certificate'),
      root: root === undefined ? undefined : readFileOr(root, 'the root certificate'),
      certificates: certificate.map((file) => readFileOr(file, 'a certificate')),
      bands: bands === undefined ? undefined : readBandKeys(bands, issuer === undefined ? {} : { issuer }),
      ...{ address: from, now: now() },
    });
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new CommandFailure(EXIT.refused, `${issuer ?? 'the issuer'} cannot be believed: ${error.message}`);
  }
}

/** A file where there is one of that name, otherwise the bytes themselves. */
function readWhat(what: string, { readInput: standardInput }: Environment): Input {
  if (what === '-') return readInput(standardInput());
  const file = fileOf(what);
  return file === undefined ? readText(what) : readInput(file);
}

/** A name with a dot in it: no bytes are written like that, but the text of a receipt, which has a colon. */
const LIKE_A_FILE = /^[\w/~-]*\.[\w./~-]*$/;

function fileOf(name: string): Uint8Array | undefined {
  try {
    return readFileSync(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (LIKE_A_FILE.test(name) && code === 'ENOENT')
      throw new CommandFailure(EXIT.notReachable, `cannot read ${name}: no such file`);
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return undefined;
    throw new CommandFailure(EXIT.notReachable, `cannot read ${name}: ${(error as Error).message}`);
  }
}
