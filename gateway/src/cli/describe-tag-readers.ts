/** Commodity readers in `status`, a line each. */
import { purposeOf, type TagReaderReport } from '../tag-reader/index.js';

export function describeTagReaders(readers: readonly TagReaderReport[]): string[] {
  if (readers.length === 0) return [];
  return ['tag readers:', ...readers.map((reader) => `  ${describe(reader)}`)];
}

function describe(reader: TagReaderReport): string {
  const { name, kind, device, state, problem, logged, refused, lost, faults, lastTap } = reader;
  const says = [
    `${name} (${device ?? kind}): ${state}${problem === undefined ? '' : `, ${problem}`}`,
    purposeOf(reader),
    `${logged} taps${lastTap === undefined ? '' : `, the last at ${new Date(lastTap * 1_000).toISOString()}`}`,
    ...(refused > 0 ? [`${refused} of them came to nothing`] : []),
    ...(lost > 0 ? [`${lost} taps LOST, see the log`] : []),
    ...(faults > 0 ? [`${faults} faults`] : []),
  ];
  return says.join('; ');
}
