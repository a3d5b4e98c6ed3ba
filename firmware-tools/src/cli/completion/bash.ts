/** Completion for bash 4 and later. */
import { type CommandShape, everyCommand } from './tree.js';

export function bashCompletion(program: string, shape: CommandShape): string {
  const name = `_${program}`;
  const commands = everyCommand(shape);
  return `# bash completion of ${program}. Made by: ${program} completion bash
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$path $word" in
${commands
  .slice(1)
  .map(({ path }) => `      ${quoted(entered(path))}) path=${quoted(` ${path.join(' ')}`)} ;;`)
  .join('\n')}
    esac
  done
  case "$path $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  local words='' files=''
  case "$path" in
${commands.map(wordCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $files && $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F ${name} ${program}
`;
}

/** What `path` and the next word are when this command has been entered. */
function entered(path: readonly string[]): string {
  const before = path.slice(0, -1);
  return `${before.length === 0 ? '' : ` ${before.join(' ')}`} ${path.at(-1) ?? ''}`;
}

/** After an option that takes a value: its choices, or files. */
function valueCases({ path, options }: CommandShape): string[] {
  const start = path.length === 0 ? '' : ` ${path.join(' ')}`;
  return options.flatMap(({ names, value }) => {
    if (value === undefined) return [];
    const pattern = names.map((one) => quoted(`${start} ${one}`)).join(' | ');
    return value.choices.length > 0
      ? [`    ${pattern}) COMPREPLY=($(compgen -W ${quoted(value.choices.join(' '))} -- "$cur")); return ;;`]
      : [
          `    ${pattern}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;`,
        ];
  });
}

function wordCase({ path, options, commands, choices, takesArguments }: CommandShape): string {
  const start = path.length === 0 ? '' : ` ${path.join(' ')}`;
  const words = [
    ...commands.map((command) => command.path.at(-1) ?? ''),
    ...choices,
    ...options.flatMap(({ names }) => names.filter((one) => one.startsWith('--'))),
  ];
  const files = takesArguments && choices.length === 0 ? ' files=1' : '';
  return `    ${quoted(start)}) words=${quoted(words.join(' '))}${files} ;;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
