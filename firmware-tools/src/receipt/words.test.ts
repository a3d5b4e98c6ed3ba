import type { ReceiptReport } from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from './language.js';
import { readAnchors, withAnchors } from './page-anchors.js';
import { languageOf, linesOf, reasonOf, wordsOf } from './words.js';

describe('the words about receipts', () => {
  it.each(LANGUAGES)('tell every reason apart in %s', (language) => {
    const reasons = Object.values(wordsOf(language).reasons);
    expect(new Set(reasons).size).toBe(reasons.length);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(10);
  });

  it('never call the place where minutes are kept a bank', () => {
    for (const language of LANGUAGES) expect(JSON.stringify(wordsOf(language))).not.toMatch(/银行|\bbank\b/i);
  });

  it('come in the language of the locale, else in English', () => {
    expect(['zh_CN.UTF-8', 'zh-Hans', 'en_GB', 'C', undefined].map(languageOf)).toEqual([
      'zh-CN',
      'zh-CN',
      'en',
      'en',
      'en',
    ]);
  });

  it('do not pass off a gateway’s word as a proof of the device', () => {
    const report: ReceiptReport = {
      ...{ site: 's', gateway: 'g', device: 'band-1', type: 'punch', band: 'band-1', direction: 'in' },
      ...{ service: 1, minutes: null, earliest: null, latest: 1, recorded: 1, evidence: 2, vouched: null },
      position: { epoch: 1, seq: 1, hash: '' },
      head: { size: 1, root: '', issued: 1 },
      signer: { issuer: 'i', notBefore: 0, expires: 2 },
    };
    const said = (vouched: 'gateway' | null): string => JSON.stringify(linesOf({ ...report, vouched }, 'en'));
    expect(said('gateway')).toContain('only the gateway could check it');
    expect(said(null)).not.toContain('only the gateway');
  });

  it('speak of the certificate for whatever is wrong with it', () => {
    expect([reasonOf('cert/shape'), reasonOf('cert/signature')]).toEqual([
      'bad-certificate',
      'bad-certificate',
    ]);
  });
});

describe('certificates in the page', () => {
  const page = '<p></p><script type="application/json" id="anchors">{}</script>';
  const json = (html: string): string => /id="anchors">(.*)<\/script>/.exec(html)?.[1] ?? '';

  it('are read again as they were put there, and can be replaced', () => {
    const [issuer, root] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    const both = withAnchors(page, { issuer, root });
    expect(readAnchors(json(both))).toEqual({ issuer, root });
    expect(readAnchors(json(withAnchors(both, { issuer: root })))).toEqual({ issuer: root });
    expect(readAnchors(json(page))).toEqual({});
  });

  it('are not put into another page', () => {
    expect(() => withAnchors('<p></p>', { issuer: Uint8Array.of(1) })).toThrow(RangeError);
  });
});
