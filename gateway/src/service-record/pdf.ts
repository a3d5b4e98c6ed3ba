/**
 * The certificate of a volunteer-service record (志愿服务记录证明, Order 67 of the Ministry of Civil Affairs) for print. Names are
 * written in by hand, or given for this one print: they are kept nowhere.
 */
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import { shownMoment } from '../api/moment.js';
import { COLUMNS, type Row, rowsOf, type ServiceRecord } from './table.js';

export interface Printing {
  /** Unix seconds. */
  readonly issued: number;
  /** SHA-256 of the same record as CSV, hexadecimal. */
  readonly csvHash: string;
  /** Of the community, as people call it. */
  readonly organisation?: string | undefined;
  readonly name?: string | undefined;
  /** Person in charge. */
  readonly officer?: string | undefined;
  /** TrueType file, for names with rare characters. */
  readonly font?: string | undefined;
}

const FONT = fileURLToPath(new URL('../../fonts/wqy-microhei-subset.ttf', import.meta.url));
const WIDTHS: Readonly<Record<keyof Row, number>> = {
  ...{ number: 26, activity: 76, content: 112, started: 84, ended: 84, place: 62, recipients: 60 },
  ...{ minutes: 56, recorder: 100, evidence: 46, event: 46 },
};
const ROW = 17;
const BLANK = '________________';

/** @throws Error of the system for a font that is not there */
export async function recordPdf(record: ServiceRecord, printing: Printing): Promise<Uint8Array> {
  const { issued, csvHash, organisation, name = BLANK, officer = BLANK, font = FONT } = printing;
  const { volunteer, site, gateway, total, entries, timeZone } = record;
  const document = new PDFDocument({
    ...{ size: 'A4', layout: 'landscape', margin: 44, bufferPages: true, font },
    info: { Title: `志愿服务记录证明 ${volunteer}`, CreationDate: new Date(issued * 1_000) },
  });
  const done = bytesOf(document);
  document.fontSize(20).text('志愿服务记录证明', { align: 'center' });
  document.moveDown(0.2).fontSize(9).fillColor('#444');
  document.text('Certificate of volunteer service', { align: 'center' });
  document.moveDown(0.8).fontSize(11).fillColor('#000');
  const hours = (total / 60).toFixed(1);
  document.text(`志愿者姓名:${name}        志愿者编号:${volunteer}        记录单位:${organisation ?? site}`);
  document.moveDown(0.3);
  document.text(
    `经记录,该志愿者共提供志愿服务 ${entries.length} 次,服务时长 ${total} 分钟(${hours} 小时),明细如下:`,
  );
  document.moveDown(0.6);
  table(document, rowsOf(record));
  document.moveDown(1).fontSize(10);
  const { left, bottom } = document.page.margins;
  if (document.y > document.page.height - bottom - 90) document.addPage();
  document.text(
    `负责人:${officer}            出具日期:${shownMoment(issued, timeZone).slice(0, 10)}            (盖章)`,
    left,
  );
  document.moveDown(0.8).fontSize(7.5).fillColor('#444');
  document.text(
    `本证明由 ${site} 的时间存折网关 ${gateway} 依据设备签名的记录生成,时区 ${timeZone}。同一内容的 CSV 文件的 SHA-256:${csvHash}。` +
      '每一行均可凭事件号核验:timeband-gateway receipt --seq 事件号;bandctl verify-receipt。',
  );
  number(document);
  document.end();
  return done;
}

function table(document: PDFKit.PDFDocument, rows: readonly Row[]): void {
  const { left, bottom, top } = document.page.margins;
  const end = document.page.height - bottom - ROW;
  let y = document.y;
  const print = (cells: Row, isHead: boolean): void => {
    let x = left;
    document.fontSize(isHead ? 8 : 8.5).fillColor(isHead ? '#444' : '#000');
    for (const { key } of COLUMNS) {
      const width = WIDTHS[key];
      document.text(cells[key], x + 2, y + 3, {
        width: width - 4,
        height: ROW - 4,
        ellipsis: true,
        lineBreak: false,
      });
      x += width;
    }
    y += ROW;
    document.moveTo(left, y).lineTo(x, y).lineWidth(0.4).strokeColor('#bbb').stroke();
  };
  const head = Object.fromEntries(COLUMNS.map(({ key, zh }) => [key, zh])) as Row;
  print(head, true);
  for (const row of rows) {
    if (y > end) {
      document.addPage();
      y = top;
      print(head, true);
    }
    print(row, false);
  }
  document.x = left;
  document.y = y;
}

function number(document: PDFKit.PDFDocument): void {
  const { count } = document.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    document.switchToPage(page);
    const { margins, height, width } = document.page;
    margins.bottom = 0; // or writing so far down would begin another page
    document.fontSize(8).fillColor('#666');
    document.text(`${page + 1} / ${count}`, 0, height - 28, { width, align: 'center', lineBreak: false });
  }
}

function bytesOf(document: PDFKit.PDFDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    document.on('error', reject);
    document.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
  });
}
