import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { makeBackup, type Manifest } from '../backup/index.js';
import { loadConfig, siteFiles } from '../config/index.js';
import { nameOf } from '../events/index.js';
import { readPassphrase } from '../ops/maintenance.js';
import { configOption } from './config-option.js';
import { CommandFailure } from './command-failure.js';
import { databaseSource } from './database-source.js';
import { EXIT } from './exit-codes.js';
import { noteDeed } from './note-deed.js';
import { interruptible } from './interruptible.js';
import { progressLine } from './progress.js';

interface BackupCommand {
  readonly config: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

/** `timeband-gateway backup` */
export function registerBackup(program: Command): void {
  program
    .command('backup')
    .description('copy everything that a box needs into a new folder')
    .argument('<dir>', 'folder to make; it holds personal data: put it on an encrypted disk')
    .addOption(configOption())
    .option(
      '--passphrase-file <file>',
      'put keys and passwords into the backup too, encrypted with what stands there',
    )
    .option('--json', 'print the manifest as JSON')
    .addHelpText(
      'after',
      `
Works on a gateway that runs, which goes on meanwhile, and on one that is stopped. Without --passphrase-file the backup
has no keys: a box that is restored from it needs new ones from the technician. The issuer key is never in it.
Look at it afterwards with: timeband-gateway verify DIR

Exit code ${EXIT.refused} when the folder is there already or cannot be written, ${EXIT.notFound} when there is no database yet.

Examples:
  timeband-gateway backup /mnt/stick/2026-11-24 --config /var/lib/timeband/gateway.yaml
  timeband-gateway backup /mnt/stick/with-keys --passphrase-file /root/passphrase --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (dir: string, options: BackupCommand) => {
      const { site, gateway, dataDir, storage } = loadConfig(options.config);
      const { database } = siteFiles(dataDir);
      if (!existsSync(database)) {
        throw new CommandFailure(EXIT.notFound, `${database} is not there: no gateway has run here yet`);
      }
      const { show, clear } = progressLine('copying');
      const { passphraseFile } = options;
      const manifest = await interruptible((goOn) =>
        makeBackup(
          {
            ...{ store: databaseSource(dataDir), site, gateway, dataDir, dir: resolve(dir) },
            configFile: resolve(options.config),
            backups: storage.backup && resolve(dataDir, storage.backup.dir),
            passphrase: passphraseFile === undefined ? undefined : readPassphrase(passphraseFile),
            now: Math.floor(Date.now() / 1_000),
          },
          { progress: show, goOn },
        ),
      );
      clear();
      await noteDeed(options.config, 'backup', { dir: resolve(dir) });
      console.log(options.json === true ? JSON.stringify(manifest) : describe(dir, manifest));
    });
}

function describe(dir: string, { head, files, leftOut }: Manifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const end = head === undefined ? 'before the first event' : `up to ${nameOf(head)}`;
  return [
    `${dir}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${end}`,
    ...leftOut.map(({ path, because }) => `left out: ${path} (${because})`),
    `Look at it with: timeband-gateway verify ${dir}`,
  ].join('\n');
}
