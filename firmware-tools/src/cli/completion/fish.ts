/** Completion for fish. */
import { type CommandShape, everyCommand } from './tree.js';

export function fishCompletion(program: string, shape: CommandShape): string {
  const at = `__${program.replaceAll('-', '_')}_at`;
  return `# fish completion of ${program}. Made by: ${program} completion fish
# Whether these commands, and none below the last of them that is asked for with -x, have been entered.
function ${at}
  argparse x -- $argv
  set -l words (string match -v -- '-*' (commandline -opc)[2..-1])
  set -q _flag_x; and test (count $words) -ne (count $argv); and return 1
  test (count $words) -ge (count $argv); or return 1
  test (count $argv) -eq 0; or test "$words[1..$(count $argv)]" = "$argv"
end
complete -c ${program} -f
${everyCommand(shape)
  .flatMap((command) => linesOf(program, at, command))
  .join('\n')}
`;
}

function linesOf(program: string, at: string, command: CommandShape): string[] {
  const { path, options, commands, choices, takesArguments } = command;
  const where = (exactly: boolean): string =>
    `-n ${quoted([at, ...(exactly ? ['-x'] : []), ...path].join(' '))}`;
  const start = `complete -c ${program}`;
  return [
    ...commands.map((sub) => `${start} ${where(true)} -a ${sub.path.at(-1) ?? ''} -d ${quoted(sub.says)}`),
    ...choices.map((choice) => `${start} ${where(true)} -a ${choice}`),
    ...(takesArguments && choices.length === 0 ? [`${start} ${where(false)} -F`] : []),
    ...options.map(({ names, says, value }) => {
      const flags = names.map((name) =>
        name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
      );
      const takes =
        value === undefined
          ? []
          : value.choices.length > 0
            ? ['-x', '-a', quoted(value.choices.join(' '))]
            : ['-r', '-F'];
      return [start, where(path.length === 0), ...flags, ...takes, '-d', quoted(says)].join(' ');
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
