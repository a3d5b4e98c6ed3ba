/** What the options of `bandctl draft` may say. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { fromHex, type RecordReference } from '@timeband/protocol';
import { id } from './provision/devices.js';

export const WHEN = 'RFC 3339 or Unix seconds';

/** Who writes it down, and where to. */
export function common(command: Command): Command {
  return recorder(command)
    .requiredOption('--out <file>', 'where to')
    .option('--json', 'print one JSON object');
}

export function recorder(command: Command): Command {
  return command.option('--recorder <id>', 'the operator who writes it down, and who cannot approve it', id);
}

export function choice(flags: string, says: string, of: Readonly<Record<string, number>>): Option {
  return new Option(flags, says).choices(Object.keys(of)).makeOptionMandatory();
}

export function signed(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value === 0)
    throw new InvalidArgumentError('It has to be a whole number, not 0.');
  return value;
}

export function when(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1_000);
  if (Number.isNaN(seconds)) throw new InvalidArgumentError(`It has to be ${WHEN}.`);
  return seconds;
}

export function target(text: string): RecordReference {
  const [, logId = '', seq = '', hash = ''] = /^([0-9a-f]{32})\/(\d+)\/([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === '')
    throw new InvalidArgumentError('It has to be the log id, the number and the hash of a record.');
  return { logId: fromHex(logId), seq: Number(seq), hash: fromHex(hash) };
}

export function thumbprint(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('It has to be 64 hexadecimal digits.');
  return fromHex(text);
}
