/** `timeband-gateway register import`: the technician's register, brought to this box. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig, loadCredentials, siteFiles } from '../config/index.js';
import { noteDeed } from './note-deed.js';
import { importRegister } from '../trust/index.js';

export function registerRegister(program: Command): void {
  program
    .command('register')
    .description('the site’s register of devices, which a technician keeps')
    .command('import')
    .description(
      'take the register, or the same one grown since: devices, their keys, and which count no more',
    )
    .argument('<file>', 'the register (register.txt), readable by you alone')
    .requiredOption('--config <file>', 'configuration made by init')
    .option('--json', 'print what was taken as JSON')
    .addHelpText(
      'after',
      `
Every entry is verified, and it has to go on from what was imported before. Importing it again changes nothing.
A running gateway goes by new revocations within seconds, and by new bands after a restart.

Example:
  timeband-gateway register import /media/stick/register.txt --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (file: string, { config, json }: { config: string; json?: boolean }) => {
      const { dataDir, site, gateway } = loadConfig(config);
      const files = siteFiles(dataDir);
      const { trust } = loadCredentials(dataDir, site, gateway, Math.floor(Date.now() / 1_000));
      const taken = importRegister(file, files, { site, trust });
      await noteDeed(config, 'register import', { entries: taken.entries, added: taken.added });
      if (json === true) {
        console.log(JSON.stringify(taken));
        return;
      }
      const { entries, added, devices } = taken;
      console.log(`${entries} entries, ${added} of them new; ${devices} devices belong to ${site}`);
      if (added > 0 && existsSync(files.controlSocket))
        console.log('A gateway is running: restart it, and it knows the new devices.');
    });
}
