/** The certificates that stand in the page that checks receipts, so that its readers need not bring any. */
import { fromHex, toHex } from '@timeband/protocol';
import type { Anchors } from './check.js';

const PLACE = /(<script type="application\/json" id="anchors">)[^<]*(<\/script>)/;

/** The page with these certificates in it. @throws RangeError when it is not that page */
export function withAnchors(page: string, { issuer, root }: Anchors): string {
  if (!PLACE.test(page)) throw new RangeError('not the page that checks receipts');
  const json = JSON.stringify({ issuer: toHex(issuer), ...(root && { root: toHex(root) }) });
  return page.replace(PLACE, (_, open: string, close: string) => open + json + close);
}

/** What {@link withAnchors} put there: nothing, in a page as it was built. */
export function readAnchors(json: string): Partial<Anchors> {
  const { issuer, root } = JSON.parse(json) as Partial<Record<keyof Anchors, string>>;
  return {
    ...(issuer === undefined ? {} : { issuer: fromHex(issuer) }),
    ...(root === undefined ? {} : { root: fromHex(root) }),
  };
}
