import { type Command, InvalidArgumentError } from 'commander';
import {
  type Outcome,
  readJournal,
  readOutcome,
  Releases,
  resumeUpgrade,
  takeBack,
  upgradeTo,
} from '../upgrade/index.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

interface Options {
  readonly to?: string;
  readonly back?: boolean;
  readonly resume?: boolean;
  readonly status?: boolean;
  readonly config: string;
  readonly patience: number;
  readonly settle: number;
  readonly service?: string;
  readonly prefix?: string;
  readonly json?: boolean;
}

/** `timeband-gateway upgrade` */
export function registerUpgrade(program: Command): void {
  program
    .command('upgrade')
    .description('change to another installed version on trial, and go back by itself when that is not well')
    .option('--to <dir>', 'the version to change to; the package does it when it is installed')
    .option('--back', 'take the last upgrade back')
    .option('--resume', 'end an upgrade that was cut short')
    .option('--status', 'which versions are here, and how the last upgrade went')
    .option('--config <file>', 'configuration made by init', '/var/lib/timeband/gateway.yaml')
    .option('--patience <seconds>', 'how long a new version may take to be well', seconds, 300)
    .option('--settle <seconds>', 'how long it has to be well without a break', seconds, 20)
    .option('--service <program>', 'called with start, stop or status, in place of systemctl')
    .option('--prefix <dir>', 'where versions stand; where this program is installed unless given')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      `
A version on trial reads, listens and stores nothing. Going back takes the database along where the new version changed
its tables; once something was published or acknowledged on it, the new version stays.

Exit code 0 when the new version is in use (with --back: the one before), ${EXIT.refused} when it was refused, ${EXIT.failed} when it failed.

Example:
  sudo timeband-gateway upgrade --status`,
    )
    .action(async (options: Options) => {
      const releases = options.prefix === undefined ? Releases.ofThisProgram() : new Releases(options.prefix);
      if (options.status === true) showStatus(releases, options.json === true);
      else await change(releases, options);
    });
}

async function change(releases: Releases, options: Options): Promise<void> {
  const { to, back, resume, config, service, json } = options;
  const settings = {
    ...{ releases, config, service, patienceSeconds: options.patience, settleSeconds: options.settle },
    say: (line: string) => {
      console.error(line);
    },
    now: () => Date.now() / 1_000,
  };
  let outcome: Outcome | undefined;
  if (to !== undefined) outcome = await upgradeTo(to, settings);
  else if (back === true) outcome = await takeBack(settings);
  else if (resume === true) outcome = await resumeUpgrade(settings);
  else throw new CommandFailure(EXIT.usage, 'Say what to do: --to DIR, --back, --resume or --status.');
  if (outcome === undefined) {
    console.log(json === true ? 'null' : 'No upgrade was cut short.');
    return;
  }
  console.log(json === true ? JSON.stringify(outcome) : describe(outcome));
  const isWell =
    back === true ? outcome.outcome === 'gone-back' : ['in-use', 'not-tried'].includes(outcome.outcome);
  if (!isWell) process.exitCode = EXIT.failed;
}

function showStatus(releases: Releases, json: boolean): void {
  const current = releases.at('current');
  const previous = releases.at('previous');
  const versions = releases.all.map(({ version }) => version);
  const underWay = readJournal(releases.journal)?.phase;
  const last = readOutcome(releases.lastOutcome);
  if (json) {
    console.log(
      JSON.stringify({ current: current?.version, previous: previous?.version, versions, underWay, last }),
    );
    return;
  }
  for (const version of versions) {
    const use = version === current?.version ? 'in use' : version === previous?.version ? 'before' : '';
    console.log(`${version}  ${use}`.trimEnd());
  }
  if (underWay !== undefined) console.log(`an upgrade is under way: ${underWay}`);
  if (last !== undefined) console.log(`last upgrade: ${describe(last)}`);
}

const WORDS = {
  'in-use': 'is in use',
  'not-tried': 'will be in use at the next start',
  'gone-back': 'was not kept',
  stays: 'stays in use although it is not well',
} as const;

function describe({ from, to, outcome, says }: Outcome): string {
  const back = outcome === 'gone-back' ? ` ${from} is in use.` : '';
  return `${to} ${WORDS[outcome]}: ${says}.${back}`;
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0 || number > 900)
    throw new InvalidArgumentError('0 to 900 seconds');
  return number;
}
