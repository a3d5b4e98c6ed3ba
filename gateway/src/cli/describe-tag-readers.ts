/** Commodity readers in `status`, a line each. */
import type { TagReaderReport } from '../tag-reader/index.js';

export function describeTagReaders(readers: readonly TagReaderReport[]): string[] {
  if (readers.length === 0) return [];
  return ['tag readers:', ...readers.map((reader) => `  ${describe(reader)}`)];
}

function describe(reader: TagReaderReport): string {
  const { name, kind, device, state, problem, service, direction, logged, lost, faults, lastTap } = reader;
  const says = [
    `${name} (${device ?? kind}): ${state}${problem === undefined ? '' : `, ${problem}`}`,
    `${direction} for service ${service}`,
    `${logged} taps${lastTap === undefined ? '' : `, the last at ${new Date(lastTap * 1_000).toISOString()}`}`,
    ...(lost > 0 ? [`${lost} taps LOST, see the log`] : []),
    ...(faults > 0 ? [`${faults} faults`] : []),
  ];
  return says.join('; ');
}
