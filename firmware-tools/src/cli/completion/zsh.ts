/** Completion for zsh, by its own `_arguments`. */
import { type CommandShape, everyCommand, type OptionShape } from './tree.js';

export function zshCompletion(program: string, shape: CommandShape): string {
  const functions = everyCommand(shape).map((command) => commandFunction(program, command));
  return `#compdef ${program}
# zsh completion of ${program}. Made by: ${program} completion zsh

${functions.join('\n\n')}

if [ "$funcstack[1]" = "_${program}" ]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function commandFunction(program: string, command: CommandShape): string {
  const { options, commands, choices, takesArguments } = command;
  const name = functionName(program, command);
  const specs = options.map(optionSpec);
  if (commands.length === 0) {
    const rest =
      choices.length > 0 ? [`':what:(${choices.join(' ')})'`] : takesArguments ? ["'*:file:_files'"] : [];
    return `${name}() {\n${argumentsCall([...specs, ...rest])}\n}`;
  }
  const names = commands.map(
    ({ path, says }) => `    ${quoted(`${path.at(-1) ?? ''}:${says.replaceAll(':', '\\:')}`)}`,
  );
  const cases = commands.map((sub) => `    ${sub.path.at(-1) ?? ''}) ${functionName(program, sub)} ;;`);
  return `${name}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${names.join('\n')}
  )
${argumentsCall(["'1: :->command'", "'*:: :->rest'", ...specs], '-C')}
  case $state in
  command) _describe command commands ;;
  rest)
    case $words[1] in
${cases.join('\n')}
    esac
    ;;
  esac
}`;
}

function argumentsCall(specs: readonly string[], flags = '-s'): string {
  return `  _arguments ${flags} \\\n${specs.map((spec) => `    ${spec}`).join(' \\\n')}`;
}

/** `'--type[kind of key]:type:(ed25519 ecdsa)'`, and of several names each excludes the other. */
function optionSpec({ names, says, value }: OptionShape): string {
  const description = `[${says.replaceAll(/[[\]:]/g, '\\$&')}]`;
  const action =
    value === undefined
      ? ''
      : `:${value.name.replaceAll(':', '\\:')}:${value.choices.length > 0 ? `(${value.choices.join(' ')})` : '_files'}`;
  return names.map((name) => quoted(`${name}${description}${action}`)).join(' \\\n    ');
}

function functionName(program: string, { path }: CommandShape): string {
  return ['', program, ...path].join('_').replaceAll('-', '_');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
