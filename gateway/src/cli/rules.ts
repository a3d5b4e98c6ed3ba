/** `timeband-gateway rules show|sign`: what a site goes by in minutes, hours and fen, and the document that says so. */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { CborError, signPolicy } from '@timeband/protocol';
import type { Answers } from '../api/index.js';
import { DEFAULT_RULES, readRules, rulesBody } from '../ledger/rules.js';
import { askLedger } from './ask-ledger.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { type IssuerKeyOptions, openIssuerKey } from './issuer-key.js';
import { table } from './table.js';

interface SignOptions extends IssuerKeyOptions {
  readonly site: string;
  readonly number: number;
  readonly out: string;
  readonly json?: true;
}

export function registerRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('the rules of a site: rounding, caps, when a matter goes up, what a lunch costs')
    .addHelpText(
      'after',
      `
In three steps, of which the second is where the issuer key is:
  timeband-gateway rules show --config /var/lib/timeband/gateway.yaml
  timeband-gateway rules sign lookInAt=750 mealCost=800 --number 1 --site dahaiyang --issuer-key issuer.key --out rules.cose
  then name rules.cose under policy in the settings: a running gateway goes by it within seconds`,
    );
  rules
    .command('show')
    .description('print the rules in force, and what a gateway comes with')
    .addOption(configOption())
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      `\nThe gateway has to run.\n\nExample:\n  timeband-gateway rules show --config gateway.yaml`,
    )
    .action(async ({ config, json }: { config: string; json?: true }) => {
      const { rules: found } = await askLedger<Answers['policy']>(config, 'policy');
      console.log(json === true ? JSON.stringify(found) : rulesTable(found));
    });
  rules
    .command('sign')
    .description('make the document that a gateway goes by, where the issuer key is')
    .argument('<rules...>', 'each that is to differ from what a gateway comes with, such as lookInAt=750')
    .requiredOption('--site <id>', 'the site that it is for')
    .requiredOption('--number <number>', 'its number, higher than that of the one before', number)
    .requiredOption('--issuer-key <file>', "the site's issuer key")
    .option('--issuer-passphrase-file <file>', 'passphrase of that key; asked for when it is needed')
    .option('--out <file>', 'where to', 'rules.cose')
    .option('--json', 'print what was made as JSON')
    .addHelpText(
      'after',
      `
A document stands for itself: what it does not name is as a gateway comes with it, whatever the one before said. Nothing changes until
the settings of a gateway name the file under policy. Exit code ${EXIT.refused} for rules that nothing can go by.

Example:
  timeband-gateway rules sign lookInAt=750 mealCost=800 --number 1 --site dahaiyang --issuer-key issuer.key`,
    )
    .action(async (given: readonly string[], options: SignOptions) => {
      const { site, number: version, out, json } = options;
      const wanted = read(given);
      const body = rulesBody(wanted);
      check(version, body);
      const key = await openIssuerKey(options);
      const header = { number: version, issued: Math.floor(Date.now() / 1_000), site };
      writeFileSync(out, signPolicy(key, header, { type: 'rules', body }));
      if (json === true) console.log(JSON.stringify({ document: out, number: version, rules: wanted }));
      else
        console.log(
          `rules ${version} of ${site} in ${out}. On the box: bring it, and name it under policy in the settings.`,
        );
    });
}

/** @throws CommandFailure */
function read(given: readonly string[]): Record<string, number> {
  const wanted: Record<string, number> = {};
  for (const one of given) {
    const [, name = '', value = ''] = /^([A-Za-z]+)=(-?\d{1,9})$/.exec(one) ?? [];
    if (name === '')
      throw new CommandFailure(
        EXIT.usage,
        `"${one}" is no rule: say its name and a whole number, lookInAt=750`,
      );
    if (name === 'version' || !Object.hasOwn(DEFAULT_RULES, name))
      throw new CommandFailure(
        EXIT.usage,
        `there is no rule "${name}". There are: ${Object.keys(DEFAULT_RULES)
          .filter((known) => known !== 'version')
          .join(', ')}`,
      );
    wanted[name] = Number(value);
  }
  return wanted;
}

/** What the gateway would find, found here. @throws CommandFailure */
function check(version: number, body: Parameters<typeof readRules>[1]): void {
  try {
    readRules(version, body);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw new CommandFailure(EXIT.refused, error.message);
  }
}

function rulesTable({ version, ...rules }: Readonly<Record<string, number>>): string {
  const known: Readonly<Record<string, number>> = { ...DEFAULT_RULES };
  const rows = Object.entries(rules).map(([name, value]) => [
    ...[name, String(value)],
    known[name] === value ? '' : String(known[name] ?? ''),
  ]);
  return [`rules ${version ?? 0}`, table(['rule', 'is', 'comes as'], rows, [1, 2])].join('\n');
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value >= 2 ** 32)
    throw new InvalidArgumentError('It has to be a whole number from 1.');
  return value;
}
