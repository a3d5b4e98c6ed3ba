/** What `check` says of commodity readers: whether each is there, and what its taps will be. */
import { linkOf, type TagReaderConfig } from '../config/index.js';
import { findPorts } from '../link/index.js';
import { nameOf, purposeOf } from '../tag-reader/index.js';
import type { CheckLine } from './check-line.js';

export async function checkTagReaders(readers: readonly TagReaderConfig[]): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const reader of readers) {
    const what = `tag reader at ${nameOf(reader)}`;
    const { kind, form, prefix } = reader;
    const is = `${kind}, ${purposeOf(reader)}`;
    const found = await findPorts(linkOf(reader));
    const leavesOut = kind === 'wedge' && form !== 'hex' && prefix === undefined;
    if (leavesOut) {
      const says = `${is}; ${form} numbers are short: set prefix to the first bytes of the site's tags, or its taps are refused`;
      lines.push({ what, verdict: 'warning', says });
    } else if (found.length === 0) {
      const says = `${is}; not plugged in now; the gateway finds it when it is`;
      lines.push({ what, verdict: 'warning', says });
    } else if (found.length > 1) {
      const says = `${is}; ${found.length} ports are the same: give serialNumber or path, or all of them are read`;
      lines.push({ what, verdict: 'warning', says });
    } else lines.push({ what, verdict: 'good', says: is });
  }
  return lines;
}
