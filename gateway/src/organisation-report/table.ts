/** The month of an organisation as a table: a line for each activity that it held and each service that it supplied. */
import { stringify } from 'csv-stringify/sync';
import type { Answers } from '../api/answers.js';
import { shownMoment } from '../api/moment.js';

export type OrganisationReport = Answers['organisation'];

const PHASE = { planned: '计划', opened: '进行中', closed: '已举办', cancelled: '已取消' } as const;
const COLUMNS = ['月份', '组织', '类别', '服务编号', '服务', '时间', '状态', '人数/次数', '分钟'] as const;

export function reportRows(report: OrganisationReport): string[][] {
  const { month, account, activities, services, timeZone } = report;
  return [
    ...activities.map(({ service, name, phase, planned, started, attended, minutes }) => [
      ...[month, account, '活动', String(service), name?.zh ?? '', shownMoment(started ?? planned, timeZone)],
      ...[PHASE[phase], String(attended), String(minutes)],
    ]),
    ...services.map(({ service, name, redemptions, minutes }) => [
      ...[
        month,
        account,
        '提供服务',
        String(service),
        name?.zh ?? '',
        '',
        '',
        String(redemptions),
        String(minutes),
      ],
    ]),
  ];
}

/** RFC 4180 in UTF-8, with the mark by which spreadsheets know that. */
export function reportCsv(report: OrganisationReport): string {
  return `\uFEFF${stringify([[...COLUMNS], ...reportRows(report)], { record_delimiter: 'windows' })}`;
}

export { COLUMNS as REPORT_COLUMNS };
