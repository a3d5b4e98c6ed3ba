/** The file of a new site: what was chosen, and every other setting as a comment, described as the schema describes it. */
import { stringify } from 'yaml';
import { type Setting, SETTINGS } from './settings-tree.js';

/** Needs no saying. */
const PLAIN = new Set(['text', 'true or false', 'a list, each text']);

type Values = Readonly<Record<string, unknown>>;

const WIDTH = 108;
const HEAD = `# Settings of a Timeband gateway. After every change: timeband-gateway check --config THIS-FILE
# then, for those with (*): systemctl reload timeband-gateway, and for all others: systemctl restart timeband-gateway
# A line that begins with "# " and a name is a setting that is not given; what stands there is the default or an example.
`;

/** @param given by name; a section may be given in part */
export function siteFileText(given: Values): string {
  const top = SETTINGS.filter(({ depth }) => depth === 0);
  return [HEAD, ...top.map((setting) => partOf(setting, given[setting.name]))].join('\n');
}

function partOf(setting: Setting, value: unknown): string {
  const { name, path, example } = setting;
  const about = comment(setting, '');
  const inside = SETTINGS.filter((one) => one.depth === 1 && one.path === `${path}.${one.name}`);
  if (Array.isArray(value)) {
    const others = Array.isArray(example) ? off(example, '  ') : '';
    return `${about}${yaml({ [name]: value }, '')}${others}`;
  }
  if (value !== undefined && inside.length === 0) return `${about}${yaml({ [name]: value }, '')}`;
  if (value === undefined && (example !== undefined || inside.length === 0))
    return `${about}${usual(setting, '')}`;
  const values = (value ?? {}) as Values;
  const lines = inside.map((child) => {
    const chosen = values[child.name];
    const line = chosen === undefined ? usual(child, '  ') : yaml({ [child.name]: chosen }, '  ');
    return `${comment(child, '  ')}${line}`;
  });
  return `${about}${value === undefined ? '# ' : ''}${name}:\n${lines.join('')}`;
}

/** As a comment: an example where there is one, or else what holds when nothing is given. */
function usual({ name, default: fallback, example }: Setting, indent: string): string {
  return off({ [name]: example ?? fallback ?? null }, indent);
}

function comment({ description, is, isReloadable, isSection }: Setting, indent: string): string {
  const should = isSection || PLAIN.has(is) || description.includes(is) ? '' : ` Should be ${is}.`;
  const words = `${isReloadable ? '(*) ' : ''}${description}${should}`.split(' ');
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}## ${word}`);
  }
  return `${lines.join('\n')}\n`;
}

function yaml(value: unknown, indent: string): string {
  return stringify(value, { lineWidth: 0, indentSeq: true }).replaceAll(/^(?=.)/gm, indent);
}

function off(value: unknown, indent: string): string {
  return yaml(value, '').replaceAll(/^(?=.)/gm, `${indent}# `);
}
