/** `bandctl completion`: what a shell needs to complete the commands, made from the commands themselves. */
import { Argument, type Command } from 'commander';
import type { Environment } from '../environment.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { shapeOf } from './tree.js';
import { zshCompletion } from './zsh.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
type Shell = keyof typeof SHELLS;

/** @param whole makes the program with all of its commands */
export function registerCompletion(
  program: Command,
  environment: Environment,
  whole: () => Promise<Command>,
): void {
  program
    .command('completion')
    .description('print what a shell needs to complete commands and options')
    .addArgument(new Argument('<shell>', 'which').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
Examples:
  bandctl completion bash | sudo tee /etc/bash_completion.d/bandctl
  bandctl completion zsh > "\${fpath[1]}/_bandctl"
  bandctl completion fish > ~/.config/fish/completions/bandctl.fish`,
    )
    .action(async (shell: Shell) => {
      const all = await whole();
      environment.print(SHELLS[shell](all.name(), shapeOf(all)).trimEnd());
    });
}
