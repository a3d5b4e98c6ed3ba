/** Metrics of commodity readers. There are none where there are no such readers. */
import type { TagReaderReport } from '../../tag-reader/index.js';
import type { Sample, Series } from './series.js';

export const TAG_READER_SERIES: readonly Series[] = [
  {
    name: 'timeband_tag_reader_connected',
    type: 'gauge',
    labels: ['reader'],
    help: '1 for each commodity reader of tags that listens, 0 for one that is unplugged, cannot be opened or does not answer.',
    read: ofEach((reader) => [[{}, Number(reader.connected && reader.state === 'listening')]]),
  },
  {
    name: 'timeband_tag_reader_taps_total',
    type: 'counter',
    labels: ['reader', 'outcome'],
    help: 'What commodity readers saw: `logged` is a tap in the log of the gateway, `repeated` the same tag still there, `lost` one that could not be logged.',
    read: ofEach(({ logged, repeated, lost }) =>
      Object.entries({ logged, repeated, lost }).map(([outcome, n]) => [{ outcome }, n]),
    ),
  },
  {
    name: 'timeband_tag_reader_faults_total',
    type: 'counter',
    labels: ['reader'],
    help: 'Bytes of commodity readers that were no tag, and answers that did not come. A few are noise; many are a bad cable or a wrong speed.',
    read: ofEach(({ faults }) => [[{}, faults]]),
  },
];

function ofEach(read: (reader: TagReaderReport) => readonly Sample[]): Series['read'] {
  return ({ report: { tagReaders } }) =>
    tagReaders.length === 0
      ? undefined
      : tagReaders.flatMap((reader) =>
          read(reader).map(([labels, value]): Sample => [{ reader: reader.name, ...labels }, value]),
        );
}
