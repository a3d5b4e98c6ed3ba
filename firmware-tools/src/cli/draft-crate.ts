/** `bandctl draft crate`: enrolments and welcomes of many new elders, from a table. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  enrolAction,
  randomBytes,
  readRegister,
  type Register,
  TimebandError,
  transferAction,
} from '@timeband/protocol';
import { type Crate, CrateError, type NewElder, readCrate } from '../approval/crate.js';
import { type DecisionFile, decisionOf } from '../approval/decision.js';
import { decisionText } from './decision-files.js';
import { recorder } from './draft-options.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { readFileOr } from './files.js';
import { wholeNumber } from './provision/devices.js';
import { readTrust } from './trust.js';

interface CrateOptions {
  readonly out: string;
  readonly register?: string;
  readonly issuer?: string;
  readonly root?: string;
  /** Minutes, or nobody is welcomed. */
  readonly welcome: number | false;
  /** Whose bands they are is to be said. */
  readonly enrol: boolean;
  readonly recorder?: string;
  readonly json?: true;
}

/** What the rules say unless a site has its own: SPEC.md, Transfer. */
const WELCOME_MINUTES = 120;

export function registerDraftCrate(draft: Command, environment: Environment): void {
  recorder(draft.command('crate'))
    .description('new elders from a table: whose each band is, and a welcome for each out of the fund')
    .argument('<csv>', 'a table; its first line names the columns')
    .requiredOption('--out <dir>', 'folder for a file a decision')
    .option('--register <file>', "the site's register, which has the keys of bands; needs --issuer")
    .option(
      '--issuer <file>',
      "the site's issuer certificate (issuer.cwt), which the register is verified with",
    )
    .option('--root <file>', "the city's root certificate, when it certified the issuer")
    .option(
      '--welcome <minutes>',
      'out of the fund for each: what the rules of the site say',
      wholeNumber,
      WELCOME_MINUTES,
    )
    .option('--no-welcome', 'enrolments only')
    .option('--no-enrol', 'welcomes only: for those whose bands are theirs already')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Columns: account, and band (or device), such as band-7 or tag-04a1b2c3d4e5f6, or the serial of the band. Others are left out.
The key of a band comes from the register; without one the table has it, in a column thumbprint (or key). Who got their
band with --account at the bench is enrolled already, and only welcomed.
Nothing is written when a line makes no sense, and nothing that is there is written over.

Examples:
  bandctl draft crate elders.csv --register register.txt --issuer issuer.cwt --out crate
  bandctl draft crate tags.csv --no-welcome --out crate
  bandctl approve crate --site dahaiyang --key operator-1.key
  bandctl approve crate --site dahaiyang --key operator-2.key
  timeband-gateway submit crate --config gateway.yaml`,
    )
    .action((csv: string, options: CrateOptions) => {
      if (!options.enrol && options.welcome === false)
        throw new CommandFailure(
          EXIT.usage,
          'neither enrolments nor welcomes: nothing is left to write down',
        );
      const crate = openCrate(csv, options);
      for (const { line, why } of crate.wrong) environment.complain(`${csv}, line ${line}: ${why}`);
      if (crate.wrong.length > 0)
        throw new CommandFailure(
          EXIT.refused,
          `${crate.wrong.length} of ${crate.wrong.length + crate.elders.length} lines make no sense; nothing was written`,
        );
      const decisions = decide(crate.elders, options, environment.now());
      writeAll(options.out, decisions);
      say(crate, decisions, options, environment);
    });
}

/** @throws CommandFailure */
function openCrate(csv: string, options: CrateOptions): Crate {
  const bytes = readFileOr(csv, 'the table');
  const register = openRegister(options);
  try {
    return readCrate(bytes, register);
  } catch (error) {
    if (!(error instanceof CrateError)) throw error;
    throw new CommandFailure(EXIT.usage, `${csv}: ${error.message}; nothing was written`);
  }
}

/** @throws CommandFailure */
function openRegister({ register: file, issuer, root }: CrateOptions): Register | undefined {
  if (file === undefined) return undefined;
  if (issuer === undefined)
    throw new CommandFailure(
      EXIT.usage,
      'the register is verified with the issuer certificate: give --issuer',
    );
  const { trust, site } = readTrust({ issuer, ...(root !== undefined && { root }) });
  try {
    return readRegister(new TextDecoder().decode(readFileOr(file, 'the register')), { site, trust }).register;
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file} does not hold: ${error.message} (${error.code})`);
  }
}

type Named = readonly [name: string, decision: DecisionFile];

/** Enrolments before welcomes of the same account, by their names as well. */
function decide(
  elders: readonly NewElder[],
  { welcome, enrol, recorder: writer }: CrateOptions,
  at: number,
): Named[] {
  const fresh = () => ({ nonce: randomBytes(16), at });
  return elders.flatMap(({ account, band, thumbprint, isEnrolled }): Named[] => {
    const enrolment = { ...fresh(), step: 'issued', account, band, thumbprint } as const;
    const grant = { sort: 'welcome', from: 'fund', to: account, recorder: writer } as const;
    return [
      ...(isEnrolled || !enrol
        ? []
        : [[`${account}.enrol.json`, decisionOf('enrol', enrolAction(enrolment))] as const]),
      ...(welcome === false
        ? []
        : [
            [
              `${account}.welcome.json`,
              decisionOf('transfer', transferAction({ ...fresh(), ...grant, minutes: welcome })),
            ] as const,
          ]),
    ];
  });
}

/** All or none. @throws CommandFailure */
function writeAll(dir: string, decisions: readonly Named[]): void {
  const there = decisions.map(([name]) => join(dir, name)).filter((file) => existsSync(file));
  if (there[0] !== undefined)
    throw new CommandFailure(
      EXIT.refused,
      `${there[0]} is there already${there.length > 1 ? `, and ${there.length - 1} more` : ''}; nothing was written`,
    );
  const written: string[] = [];
  try {
    mkdirSync(dir, { recursive: true });
    for (const [name, decision] of decisions) {
      const file = join(dir, name);
      writeFileSync(file, decisionText(decision), { flag: 'wx' });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) rmSync(file, { force: true });
    throw new CommandFailure(
      EXIT.failed,
      `cannot write to ${dir}: ${(error as Error).message}; nothing was kept`,
    );
  }
}

function say(
  { elders, ignored }: Crate,
  decisions: readonly Named[],
  { out, welcome, enrol, json }: CrateOptions,
  { print, complain }: Environment,
): void {
  const enrolled = elders.filter(({ isEnrolled }) => isEnrolled).length;
  const [enrolments, welcomes] = [
    enrol ? elders.length - enrolled : 0,
    welcome === false ? 0 : elders.length,
  ];
  const minutes = welcome === false ? 0 : welcomes * welcome;
  if (json === true) {
    const files = decisions.map(([name]) => join(out, name));
    print(JSON.stringify({ elders: elders.length, enrolments, enrolled, welcomes, minutes, ignored, files }));
    return;
  }
  if (ignored.length > 0) complain(`left out: ${ignored.join(', ')}`);
  const before = enrolled === 0 ? '' : ` (${enrolled} have their band since the bench)`;
  const gift =
    welcomes === 0 ? '' : `, ${welcomes} welcomes of ${String(welcome)} minutes: ${minutes} out of fund`;
  print(`${elders.length} elders: ${enrolments} enrolments${before}${gift}`);
  if (decisions.length > 0)
    print(`${out} is for the operators: bandctl approve ${out} --site SITE --key FILE`);
}
