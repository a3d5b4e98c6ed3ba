import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { CONFIG, restoreBackup, type Restored } from '../backup/index.js';
import { loadConfig, siteFiles } from '../config/index.js';
import { nameOf } from '../events/index.js';
import { readPassphrase } from '../ops/maintenance.js';
import { CommandFailure } from './command-failure.js';
import { believed, type BelievedOptions, ISSUER_OPTION, ROOT_OPTION } from './believed.js';
import { EXIT } from './exit-codes.js';
import { interruptible } from './interruptible.js';
import { progressLine } from './progress.js';

interface RestoreCommand extends BelievedOptions {
  readonly to: string;
  readonly newEpoch?: true;
  readonly head?: string;
  readonly cityEvents?: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

/** `timeband-gateway restore` */
export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description('make a box of a backup, in a new folder')
    .argument('<backup>', 'folder of the backup')
    .requiredOption('--to <dir>', 'folder to make; nothing is in it yet')
    .option(
      '--new-epoch',
      'events were, or may have been, published after the backup: go on in an epoch of its own',
    )
    .option('--head <file>', 'file head of the box that the backup is of: the place of its newest event')
    .option('--city-events <file>', "this gateway's events as the city has them, one a line in hexadecimal")
    .option('--passphrase-file <file>', 'what opens the keys in the backup')
    .option(...ISSUER_OPTION)
    .option(...ROOT_OPTION)
    .option('--json', 'print what came of it as JSON')
    .addHelpText(
      'after',
      `
The backup is verified first; one that does not hold is not restored. Without --new-epoch only a backup is taken that
ends with the newest event that --head names: the box goes on where it stopped. With --new-epoch a box is never in doubt:
it names both heads in its first event, reads its devices again, and what they still have is published anew. The two ways
never mix: a box that would tell the same numbers twice does not start. Never let the old box run again beside it.

--city-events takes what \`mosquitto_sub -F %x\` or \`nats stream\` printed: what the city has and the backup has not is
counted, named, and kept in evidence/.

Exit code ${EXIT.refused} when it is refused, with what to do; nothing is left in the folder then.

Examples:
  timeband-gateway restore /mnt/stick/2026-11-24 --to /var/lib/timeband --head /mnt/old/head --passphrase-file passphrase
  timeband-gateway restore /mnt/stick/2026-11-24 --to /var/lib/timeband --new-epoch --passphrase-file passphrase`,
    )
    .action(async (backup: string, options: RestoreCommand) => {
      if (!existsSync(backup)) throw new CommandFailure(EXIT.notFound, `${backup} is not there`);
      const { to, newEpoch = false, head: headFile, cityEvents, passphraseFile } = options;
      const { show, clear } = progressLine('verifying');
      const restored = await interruptible((goOn) =>
        restoreBackup(
          {
            ...{ backup, to: resolve(to), newEpoch, headFile, cityEvents, trust: believed(options) },
            passphrase: passphraseFile === undefined ? undefined : readPassphrase(passphraseFile),
            now: Math.floor(Date.now() / 1_000),
          },
          { progress: show, goOn },
        ),
      );
      clear();
      const notes = notesOn(resolve(to), restored);
      console.log(
        options.json === true ? JSON.stringify(forJson(restored, notes)) : describe(to, restored, notes),
      );
    });
}

/** What has to be done before the box can run. */
function notesOn(to: string, { hasKeys, manifest }: Restored): string[] {
  const notes: string[] = [];
  const file = join(to, CONFIG);
  if (!existsSync(file)) {
    notes.push('there is no gateway.yaml in the backup: bring one, with dataDir: .');
  } else if (loadConfig(file, { env: {} }).dataDir !== to) {
    notes.push(`${file} names another dataDir: change it to "dataDir: ."`);
  }
  if (!hasKeys) {
    const missing = manifest.leftOut
      .map(({ path }) => path)
      .filter((path) => path !== relative('.', siteFiles('.').issuerKey))
      .join(', ');
    notes.push(
      `keys and passwords are not there (${missing}): copy them from the old box, or have the technician make new ones`,
    );
  }
  return notes;
}

function describe(
  to: string,
  { head, newest, epoch, cityEvents, report }: Restored,
  notes: string[],
): string {
  const { totals } = report;
  return [
    `${to}: ${totals.records} records of ${totals.logs} logs, verified`,
    `the backup ends at ${head === undefined ? 'nothing: it is from before the first event' : nameOf(head)}`,
    ...(newest === undefined || newest === head ? [] : [`published was at least ${nameOf(newest)}`]),
    `the box goes on in epoch ${epoch}`,
    ...(cityEvents === undefined
      ? []
      : [
          `the city has ${cityEvents.later} later events, of ${cityEvents.devices.join(', ') || 'nobody'}; kept in evidence/`,
          ...(cityEvents.gaps > 0 ? [`note among them ${cityEvents.gaps} places where one is missing`] : []),
          ...(cityEvents.unusable > 0
            ? [`note ${cityEvents.unusable} lines are no event of this gateway`]
            : []),
        ]),
    ...notes.map((note) => `note ${note}`),
    `Next: timeband-gateway check --config ${join(to, CONFIG)}`,
  ].join('\n');
}

function forJson({ head, newest, epoch, cityEvents, hasKeys, report }: Restored, notes: string[]) {
  const event = (known: Restored['head']) =>
    known && { epoch: known.epoch, seq: known.seq, hash: Buffer.from(known.hash).toString('hex') };
  return {
    ...{ epoch, head: event(head), newest: event(newest), hasKeys, totals: report.totals, notes },
    cityEvents: cityEvents && { ...cityEvents, newest: event(cityEvents.newest) },
  };
}
