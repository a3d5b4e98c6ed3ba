/** The options with which a command is told its settings. */
import { type Command, Option } from 'commander';
import { CONFIG_VARIABLE } from '../config/index.js';

export interface SettingsOptions {
  readonly config: string;
  readonly set: readonly string[];
}

export function configOption(): Option {
  return new Option('--config <file>', 'configuration made by init')
    .env(CONFIG_VARIABLE)
    .makeOptionMandatory();
}

/** `--config`, and `--set` for settings that count before those of the environment and of the file. */
export function withSettings(command: Command): Command {
  return command
    .addOption(configOption())
    .option(
      '--set <path=value>',
      'a setting for this once, such as broker.port=1884; may be given more than once',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    );
}
