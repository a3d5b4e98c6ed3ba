import { type Command, Option } from 'commander';
import { addAccount, type Role, ROLES } from '../broker/index.js';
import { loadConfig, siteFiles } from '../config/index.js';

/** `timeband-gateway user add` */
export function registerUser(program: Command): void {
  const user = program.command('user').description('accounts of programs that use the MQTT broker');
  user
    .command('add')
    .description('make an account; its password is made here and shown once')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .requiredOption('--config <file>', 'configuration made by init')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('subscriber'))
    .option('--json', 'print name and password as JSON')
    .addHelpText(
      'after',
      `
A running gateway knows the account at once.

Example:
  timeband-gateway user add display --role subscriber --config /var/lib/timeband/gateway.yaml`,
    )
    .action(async (name: string, options: { config: string; role: Role; json?: boolean }) => {
      const { accounts } = siteFiles(loadConfig(options.config).dataDir);
      const password = await addAccount(accounts, name, options.role);
      if (options.json === true) console.log(JSON.stringify({ user: name, password }));
      else console.log(`user ${name}\npassword ${password}\nThe password is not kept anywhere: note it now.`);
    });
}
