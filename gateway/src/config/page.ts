/** docs/settings.md: every setting, as the schema says it. */
import { type Setting, SETTINGS } from './settings-tree.js';
import { variableFor } from './sources.js';

const HEAD = `# Settings

<!-- Made from the schema by \`npm run generated\`: change gateway/src/config instead. -->

For whoever changes \`gateway.yaml\`, or sets up a box without it. The files that stand beside it: [files.md](files.md).

A setting may come from four places. The first that gives it counts:

1. \`--set broker.port=1884\` on \`run\`, \`check\`, \`status\` and \`settings\`;
2. the environment: \`TIMEBAND_\` and the name, with two underscores for each dot and one before each capital, as in \`TIMEBAND_BROKER__MAX_CONNECTIONS_PER_ADDRESS\`;
3. the file: \`--config\`, or \`TIMEBAND_CONFIG\`;
4. the default.

Values of the first two are YAML; text needs no quotes. \`null\` takes a setting away. Entries of lists have numbers: \`links.0.path\`.

After a change:

\`\`\`sh
timeband-gateway check --config /var/lib/timeband/gateway.yaml
timeband-gateway settings --given --config /var/lib/timeband/gateway.yaml
\`\`\`

\`check\` says what is wrong, with file, line, setting and what it should be; \`settings\` shows what counts and where it came from.
Settings with ↻ count when a running gateway reads them again (\`systemctl reload timeband-gateway\`, which sends SIGHUP); for all others
restart it. The log says which of those that you changed need that. A file with a mistake changes nothing, and the log says so.

A file says of which version it is. When a later gateway needs another shape, its \`run\` brings the file there, comments and all,
and keeps the old one as \`gateway.yaml.v1\`; an earlier gateway refuses the new file and says where the old one is.

`;

export function settingsPage(): string {
  const top = SETTINGS.filter(({ depth }) => depth === 0);
  const single = top.filter(({ isSection }) => !isSection);
  const sections = top.filter(({ isSection }) => isSection);
  return [
    HEAD,
    `## At the top\n\n${list(single)}`,
    ...sections.map((section) => {
      const { name, description } = section;
      const inside = SETTINGS.filter(
        ({ path }) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
      );
      return `## ${name}\n\n${mark(section)}${description} ${Array.isArray(section.default) ? 'A list.' : ''}\n\n${list(inside)}`;
    }),
    `## As variables\n\nOf the settings that are given most often in containers:\n\n${[
      'site',
      'gateway',
      'broker.host',
      'broker.port',
      'log.level',
      'monitoring.host',
      'uplink.url',
    ]
      .map((path) => `- \`${path}\`: \`${variableFor(path.split('.'))}\``)
      .join('\n')}\n`,
  ].join('\n');
}

/** Not a table: in one a change of one setting would move them all. */
function list(settings: readonly Setting[]): string {
  const lines = settings.map((setting) => {
    const { path, description, is, isSection } = setting;
    const about = [isSection ? '' : plain(is), defaultOf(setting)].filter((part) => part !== '').join('; ');
    return `- \`${path}\`: ${mark(setting)}${plain(description)}${about && ` _${about}_`}`;
  });
  return `${lines.join('\n')}\n`;
}

function mark({ isReloadable }: Setting): string {
  return isReloadable ? '↻ ' : '';
}

function defaultOf({ default: usual, isRequired, isSection }: Setting): string {
  if (isRequired) return 'has to be there';
  if (usual === undefined || (isSection && !Array.isArray(usual))) return '';
  return `\`${usual === '' ? '""' : typeof usual === 'string' ? usual : JSON.stringify(usual)}\` unless given`;
}

/** So that Markdown shows it as it is. */
function plain(text: string): string {
  return text.replaceAll('*.cwt', '`*.cwt`').replaceAll('_', '\\_');
}
