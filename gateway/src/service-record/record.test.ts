import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { recordPdf } from './pdf.js';
import { recordCsv, type ServiceRecord } from './table.js';

const entry: ServiceRecord['entries'][number] = {
  ...{
    activity: { zh: '壹家厨坊', en: 'Mutual-aid kitchen' },
    content: { zh: '备餐', en: 'Food preparation' },
  },
  ...{ service: 601, started: 1_772_323_200, ended: 1_772_326_800, place: 'dahaiyang' },
  ...{ recipients: 'community', minutes: 60, evidence: 1, event: 17, corrected: false },
  recorder: { device: 'reader-1', log: '00', seq: 9 },
};
const record = (count: number): ServiceRecord => ({
  ...{ volunteer: 'account-17', site: 'dahaiyang', gateway: 'gw-1', timeZone: 'Asia/Shanghai' },
  ...{ total: 60 * count, entries: Array.from({ length: count }, () => entry) },
});
const printing = { issued: 1_772_400_000, csvHash: 'ab'.repeat(32) };

describe('a volunteer-service record', () => {
  it('is a table that spreadsheets read', () => {
    const [row] = parse<Record<string, string>>(recordCsv(record(1)), { bom: true, columns: true });
    expect(row).toMatchObject({
      ...{ 服务项目: '壹家厨坊', 服务内容: '备餐', 服务对象: '社区', '时长(分钟)': '60', 事件号: '17' },
      ...{ 开始时间: '2026-03-01 08:00', 结束时间: '2026-03-01 09:00', 记录设备及序号: 'reader-1 9' },
    });
  });

  it('is a certificate of as many pages as it needs, with Chinese in a font of its own', async () => {
    for (const [services, pages] of [
      [0, 1],
      [3, 1],
      [100, 4],
    ] as const) {
      const pdf = Buffer.from(await recordPdf(record(services), printing)).toString('latin1');
      expect(pdf.startsWith('%PDF-')).toBe(true);
      expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(pages);
      expect(pdf).toMatch(/\/FontFile2 /);
      expect(pdf).not.toContain('Helvetica');
      expect(pdf.length).toBeLessThan(100_000);
    }
  });
});
