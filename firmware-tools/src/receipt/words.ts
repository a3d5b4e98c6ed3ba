/** A verdict on a receipt in plain words, in the languages of a centre. */
import type { ErrorCode, ReceiptReport } from '@timeband/protocol';
import type { Language, Reason, ReceiptLines, Words } from './language.js';
import { english } from './words.en.js';
import { chinese } from './words.zh.js';

/** One line of what a receipt says. */
export type Row = readonly [label: string, value: string];

const WORDS: Readonly<Record<Language, Words>> = { en: english, 'zh-CN': chinese };

export function wordsOf(language: Language): Words {
  return WORDS[language];
}

/** What a good receipt says. `timeZone` is an IANA name; the machine's own unless given. */
export function linesOf(report: ReceiptReport, language: Language, timeZone?: string): Row[] {
  const { labels, values } = WORDS[language];
  const format = new Intl.DateTimeFormat(language, {
    ...{ year: 'numeric', month: 'short', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short' },
    timeZone,
  });
  const date = (seconds: number): string => format.format(seconds * 1_000);
  const { band, earliest, latest, service, minutes } = report;
  const lines: ReceiptLines = {
    ...(band === null ? {} : { who: band }),
    what: values.what(report),
    where: values.where(report),
    when:
      earliest === null ? values.until(date(latest)) : format.formatRange(earliest * 1_000, latest * 1_000),
    ...(service === null ? {} : { service: values.service(service) }),
    ...(minutes === null ? {} : { minutes: values.minutes(minutes) }),
    evidence: values.evidence[report.evidence] + (report.vouched === null ? '' : values.vouched),
    place: values.place(report, date(report.head.issued)),
    signer: `${report.signer.issuer} → ${report.gateway}`,
  };
  return (Object.entries(lines) as [keyof ReceiptLines, string][]).map(([line, value]) => [
    labels[line],
    value,
  ]);
}

const REASONS: Readonly<Partial<Record<ErrorCode, Reason>>> = {
  'receipt/shape': 'not-a-receipt',
  'receipt/proof': 'wrong-place',
  'receipt/signature': 'changed',
  'cert/untrusted-issuer': 'other-issuer',
  'cert/site': 'other-site',
  'cert/role': 'not-a-gateway',
  'cert/expired': 'expired',
  'cert/not-yet-valid': 'expired',
  'cert/revoked': 'revoked',
};

export function reasonOf(code: ErrorCode): Reason {
  return REASONS[code] ?? 'bad-certificate';
}

/** The language of a locale such as `zh_CN.UTF-8` or `en-GB`; English where it is neither. */
export function languageOf(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh-CN' : 'en';
}
