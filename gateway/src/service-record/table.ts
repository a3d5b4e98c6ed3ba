/** A volunteer-service record as rows for people, with the fields of MZ/T 061 in its order. */
import { stringify } from 'csv-stringify/sync';
import type { Answers } from '../api/answers.js';
import { shownMoment } from '../api/moment.js';

export type ServiceRecord = Answers['record'];

export const COLUMNS = [
  { key: 'number', zh: '序号' },
  { key: 'activity', zh: '服务项目' },
  { key: 'content', zh: '服务内容' },
  { key: 'started', zh: '开始时间' },
  { key: 'ended', zh: '结束时间' },
  { key: 'place', zh: '服务地点' },
  { key: 'recipients', zh: '服务对象' },
  { key: 'minutes', zh: '时长(分钟)' },
  { key: 'recorder', zh: '记录设备及序号' },
  { key: 'evidence', zh: '证据等级' },
  { key: 'event', zh: '事件号' },
] as const;
export type Row = Readonly<Record<(typeof COLUMNS)[number]['key'], string>>;

const RECIPIENTS = { resident: '居民个人', community: '社区', parties: '纠纷当事人' } as const;

export function rowsOf({ entries, timeZone }: ServiceRecord): Row[] {
  return entries.map((entry, i) => ({
    number: String(i + 1),
    activity: entry.activity.zh,
    content: entry.corrected ? `${entry.content.zh}(补录/更正)` : entry.content.zh,
    started: entry.started === null ? '' : shownMoment(entry.started, timeZone),
    ended: shownMoment(entry.ended, timeZone),
    place: entry.place,
    recipients: RECIPIENTS[entry.recipients],
    minutes: String(entry.minutes),
    recorder: `${entry.recorder.device} ${entry.recorder.seq}`,
    evidence: String(entry.evidence),
    event: String(entry.event),
  }));
}

/** RFC 4180 in UTF-8, with the mark by which spreadsheets know that. */
export function recordCsv(record: ServiceRecord): string {
  const columns = COLUMNS.map(({ key, zh }) => ({ key, header: zh }));
  return `\uFEFF${stringify(rowsOf(record), { header: true, columns, record_delimiter: 'windows' })}`;
}
