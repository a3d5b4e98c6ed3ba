import { describe, expect, it } from 'vitest';
import type { Provisioned } from '../provision/index.js';
import { LABEL_SHEETS, labelsPdf, type LabelSheetName } from './labels.js';
import { readPlans } from './plans.js';
import { batchCsv, batchPdf } from './report.js';
import { Screen } from './screen.js';
import type { Place } from './station.js';

const made = (number: number, changes: Partial<Provisioned> = {}): Provisioned => ({
  ...{ device: `band-${number}`, serial: `sn-${number}`, role: 'band', hardware: 'b1', firmware: '1.0.0' },
  ...{ certificate: new Uint8Array(), thumbprint: new Uint8Array(32), already: false, ...changes },
});
const batch = (devices: readonly Provisioned[]) => ({
  ...{ site: 'dahaiyang', begun: 1_750_000_000, ended: 1_750_000_060, devices },
  register: { entries: 3, hash: new Uint8Array(32) },
});
const pagesOf = (pdf: Uint8Array): number =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type \/Page\b/g)?.length ?? 0;

describe('a batch report', () => {
  it('is a table that a spreadsheet takes for text, whatever a device calls itself', () => {
    const csv = batchCsv(batch([made(1, { firmware: '=1+1', hardware: 'a "b", c' })]));
    const [head, row] = csv.split('\r\n');
    expect(head).toBe('device,serial,role,account,replaces,hardware,firmware,key');
    expect(row).toMatch(/^band-1,sn-1,band,,,"a ""b"", c",'=1\+1,0{64}$/);
  });

  it('goes on on another page of the PDF when there are many devices', async () => {
    const devices = Array.from({ length: 120 }, (_, i) => made(i + 1));
    expect(pagesOf(await batchPdf(batch(devices), new Uint8Array(32)))).toBe(3);
  });
});

describe('labels', () => {
  it.each(Object.keys(LABEL_SHEETS) as LabelSheetName[])(
    'fill sheets of %s, after those that are used',
    async (name) => {
      const perPage = LABEL_SHEETS[name].columns * LABEL_SHEETS[name].rows;
      const devices = Array.from({ length: perPage }, (_, i) => made(i + 1, { device: 'b'.repeat(40) }));
      expect(pagesOf(await labelsPdf('dahaiyang', devices, name))).toBe(1);
      expect(pagesOf(await labelsPdf('dahaiyang', devices, name, 1))).toBe(2);
      const { columns, rows, left, top, pitch, height, width } = LABEL_SHEETS[name];
      expect(left + (columns - 1) * pitch + width).toBeLessThanOrEqual(210);
      expect(top + rows * height).toBeLessThanOrEqual(297);
    },
  );
});

describe('a table of devices', () => {
  it('says what each is to become, and which line cannot be read', () => {
    const plans = readPlans('serial,device,account\nsn-1,band-9,account-1\nsn-2,,\n# none\n\n');
    expect(plans.get('sn-1')).toEqual({ device: 'band-9', account: 'account-1' });
    expect(plans.get('sn-2')).toEqual({});
    expect(() => readPlans('sn-1,band-1\nsn-2,band-1')).toThrow(/line 2/);
    expect(() => readPlans('sn-1\nsn-1')).toThrow(/line 2/);
    expect(() => readPlans('Mrs Li,band-1')).toThrow(/line 1/);
  });
});

describe('the bench', () => {
  const place: Place = { port: '/dev/ttyUSB0', state: 'done', serial: 'sn-1', made: made(1) };

  it('prints a line for each change where there is no terminal', () => {
    const out: string[] = [];
    const screen = new Screen({ isTerminal: false, write: (text) => out.push(text), expected: 2 });
    screen.changed({ port: '/dev/ttyUSB0', state: 'working', serial: 'sn-1', step: 'asked' });
    screen.changed({ port: '/dev/ttyUSB0', state: 'working', serial: 'sn-1', step: 'prove' });
    screen.changed(place);
    screen.changed(place);
    expect(out.map((line) => line.replace(/ +/g, ' '))).toEqual([
      '/dev/ttyUSB0 sn-1 proves its key\n',
      '/dev/ttyUSB0 sn-1 is band-1 (1 of 2 done)\n',
    ]);
  });

  it('redraws a terminal in place, and rings once for each device', () => {
    let out = '';
    const write = (text: string): void => {
      out += text;
    };
    const screen = new Screen({ isTerminal: true, write, columns: () => 40 });
    screen.changed(place);
    screen.changed(place);
    expect(out.split('\u0007')).toHaveLength(2);
    expect(out).toContain('\u001b[2A');
    expect(out).toMatch(/…/);
  });
});
