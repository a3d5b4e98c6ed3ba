/** Traffic for people and for programs: a line for what it means, and below it the bytes with the meaning of each. */
import { toHex } from '@timeband/protocol';
import { type DecodeOptions, decodeBytes } from '../bytes/decode.js';
import { describeFinding } from '../bytes/describe.js';
import { decodeAdvertBytes } from '../bytes/radio.js';
import type { Finding } from '../bytes/finding.js';
import type { Exchange } from './exchange.js';

const ARROW = { 'to device': '→', 'from device': '←' } as const;
/** What a console says may be anything: nothing of it reaches the terminal that could move its cursor. */
const UNPRINTABLE = /[^\x20-\x7e]/g;

export interface ShowOptions extends DecodeOptions {
  /** One line each, without the bytes. */
  readonly isBrief?: boolean;
}

export function describeExchange(exchange: Exchange, options: ShowOptions): string {
  const { at, direction, where } = exchange;
  const time = at === undefined ? '' : `${new Date(at).toISOString().slice(11, 23)} `;
  const arrow = direction === undefined ? '·' : ARROW[direction];
  const start = `${time}${where === undefined ? '' : `${where} `}${arrow} `;
  const finding = findingOf(exchange, options);
  if (finding === undefined) return `${start}${sayOther(exchange)}`;
  const strength = exchange.kind === 'advert' && exchange.rssi !== undefined ? `, ${exchange.rssi} dBm` : '';
  const text = describeFinding(finding, { isBrief: options.isBrief === true });
  if (options.isBrief === true)
    return `${start}${(text.split('\n')[0] ?? '') + strength}${problemsOf(finding)}`;
  return `${start}${text.replace('\n', `${strength}\n`)}`;
}

/** One JSON object for one exchange. */
export function exchangeJson(exchange: Exchange, options: ShowOptions): unknown {
  const { kind, at, direction, where } = exchange;
  const base = {
    kind,
    ...(at !== undefined && { at }),
    ...(direction && { direction }),
    ...(where !== undefined && { where }),
  };
  const finding = findingOf(exchange, options);
  if (finding !== undefined) {
    const { what, says, verdicts, value, parts } = finding;
    return {
      ...base,
      bytes: 'bytes' in exchange ? toHex(exchange.bytes) : '',
      what,
      says,
      verdicts,
      value,
      parts,
    };
  }
  return { ...base, says: sayOther(exchange) };
}

function findingOf(exchange: Exchange, options: DecodeOptions): Finding | undefined {
  if (exchange.kind === 'packet') return decodeBytes(exchange.bytes, options);
  if (exchange.kind === 'advert')
    return decodeAdvertBytes(exchange.bytes, { ...options, address: exchange.address });
  return undefined;
}

function sayOther(exchange: Exchange): string {
  switch (exchange.kind) {
    case 'fault':
      return `no packet: ${exchange.message} (${exchange.code})`;
    case 'note':
      return exchange.says;
    case 'console':
      return `console: ${new TextDecoder('latin1').decode(exchange.bytes).trim().replaceAll(UNPRINTABLE, '·')}`;
    case 'packet':
    case 'advert':
      return '';
  }
}

function problemsOf({ verdicts, parts }: Finding): string {
  const bad = [...verdicts, ...parts.flatMap((part) => part.verdicts)].filter(({ holds }) => holds === false);
  return bad.map(({ says, code }) => `  ✗ ${says}${code === undefined ? '' : ` (${code})`}`).join('');
}
