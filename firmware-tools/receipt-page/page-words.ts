/** What the page itself says, beside the verdict. */
import type { Language } from '../src/receipt/language.js';

export interface PageWords {
  readonly title: string;
  readonly other: string;
  readonly ask: string;
  readonly pick: string;
  readonly none: string;
  readonly noIssuer: string;
  readonly badCertificate: string;
  readonly trusts: (site: string) => string;
  readonly trustsNobody: string;
  readonly privacy: string;
}

export const PAGE_WORDS: Readonly<Record<Language, PageWords>> = {
  en: {
    title: 'Check a receipt',
    other: '中文',
    ask: 'Paste the text of the receipt here (it begins with TB1:), or drop its file on this page.',
    pick: 'Choose a file',
    none: 'No receipt yet.',
    noIssuer:
      "First drop the site's issuer certificate (issuer.cwt) on this page. Get it from the site, not with the receipt.",
    badCertificate:
      'This certificate cannot be used: it is not that of an issuer, or its city is not known here.',
    trusts: (site) => `Believes receipts of site ${site}.`,
    trustsNobody: 'Believes nobody yet.',
    privacy: 'Everything is checked on this device. The page sends nothing and needs no network.',
  },
  'zh-CN': {
    title: '查验凭证',
    other: 'English',
    ask: '请在此粘贴凭证文字（以 TB1: 开头），或将凭证文件拖到本页。',
    pick: '选择文件',
    none: '尚未提供凭证。',
    noIssuer:
      '请先将站点的签发者证书（issuer.cwt）拖到本页。证书应向站点索取，不要使用随凭证一起收到的证书。',
    badCertificate: '此证书无法使用：它不是签发者证书，或其所属城市未知。',
    trusts: (site) => `信任站点 ${site} 的凭证。`,
    trustsNobody: '尚未信任任何站点。',
    privacy: '全部查验都在本机完成，本页不发送任何内容，也不需要网络。',
  },
};
