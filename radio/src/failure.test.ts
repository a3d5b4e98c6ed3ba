import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RADIO_FAILURE_CODES } from './failure.js';

const PAGE = new URL('../../docs/bluetooth.md', import.meta.url);

describe('the page on Bluetooth', () => {
  it('explains every reason for which a radio is of no use, once, and no other', () => {
    const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| `(radio\/[^`]+)`\s*\| [^|]{5,} \| [^|]{5,} \|$/gm);
    expect(Array.from(rows, ([, code]) => code)).toEqual(RADIO_FAILURE_CODES);
  });
});
