/** The commands as shells need them: names, descriptions, options and what they take. */
import type { Command, Option } from 'commander';

export interface OptionShape {
  /** With their hyphens: `-t`, `--type`. */
  readonly names: readonly string[];
  readonly says: string;
  /** What stands after it; none where nothing does. An optional value is given with `=`. */
  readonly value: { readonly name: string; readonly choices: readonly string[] } | undefined;
}

export interface CommandShape {
  /** Below the program: empty for itself. */
  readonly path: readonly string[];
  readonly says: string;
  readonly options: readonly OptionShape[];
  readonly commands: readonly CommandShape[];
  /** Choices of its arguments; files where there are none. */
  readonly choices: readonly string[];
  readonly takesArguments: boolean;
}

export function shapeOf(command: Command, path: readonly string[] = []): CommandShape {
  const help = command.createHelp();
  return {
    path,
    says: firstSentence(command.description()),
    options: help.visibleOptions(command).map(shapeOfOption),
    commands: help
      .visibleCommands(command)
      .filter((sub) => sub.name() !== 'help')
      .map((sub) => shapeOf(sub, [...path, sub.name()])),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    takesArguments: command.registeredArguments.length > 0,
  };
}

function shapeOfOption({ short, long, description, required, argChoices, flags }: Option): OptionShape {
  const name = /[<[]([^\]>]+)[\]>]/.exec(flags)?.[1] ?? 'value';
  return {
    names: [short, long].filter((one) => one !== undefined),
    says: firstSentence(description),
    value: required ? { name, choices: argChoices ?? [] } : undefined,
  };
}

/** Every command there is, the program first. */
export function everyCommand(shape: CommandShape): CommandShape[] {
  return [shape, ...shape.commands.flatMap(everyCommand)];
}

/** One line of plain words, short enough for a menu. */
function firstSentence(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 72 ? `${line.slice(0, 71)}…` : line;
}
