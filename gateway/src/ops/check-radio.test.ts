import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../config/index.js';
import { type CheckLine } from './check-line.js';
import { checkRadio, type RadioMachine, type RadioSurroundings } from './check-radio.js';

const IRK = 'ec0234a357c8ad05341010a60a397d9b';
/** A character device that every machine has. */
const DEVICE = '/dev/null';

describe('check, of the radio', () => {
  let dataDir: string;
  let machine: RadioMachine;
  let around: RadioSurroundings;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'check-radio-'));
    writeFileSync(join(dataDir, 'bands.json'), JSON.stringify([{ device: 'band-7', irk: IRK }]), {
      mode: 0o600,
    });
    machine = {
      adapters: join(dataDir, 'adapters'),
      adaptersUp: () => Promise.resolve([]),
      mayTakeAdapters: () => true,
      mayUse: () => true,
    };
    mkdirSync(join(dataDir, 'adapters', 'hci0', 'rfkill2'), { recursive: true });
    block('soft', '0');
    block('hard', '0');
    around = { dataDir, running: undefined, machine };
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  function block(kind: 'soft' | 'hard', value: string): void {
    writeFileSync(join(dataDir, 'adapters', 'hci0', 'rfkill2', kind), `${value}\n`);
  }

  async function check(radio: object, changes: Partial<RadioSurroundings> = {}): Promise<CheckLine[]> {
    const config = configSchema.shape.radio.unwrap().parse({ bands: 'bands.json', service: 401, ...radio });
    return checkRadio(config, { ...around, ...changes });
  }

  /** What is not good. */
  async function findings(radio: object, changes: Partial<RadioSurroundings> = {}): Promise<string[]> {
    const lines = await check(radio, changes);
    return lines
      .filter(({ verdict }) => verdict !== 'good')
      .map(({ what, verdict, says }) => `${verdict} ${what}: ${says}`);
  }

  const withMachine = (changes: Partial<RadioMachine>): Partial<RadioSurroundings> => ({
    machine: { ...machine, ...changes },
  });

  it('finds nothing wrong with a dongle, or an adapter, that is there and free', async () => {
    expect(await findings({ path: DEVICE })).toEqual([]);
    expect(await findings({ adapter: 0 })).toEqual([]);
    expect((await check({ adapter: 0 })).map(({ says }) => says)).toEqual([
      '1 of them',
      'a press near the gateway checks in and out for service 401 of the catalogue',
      'there, and nobody uses it',
    ]);
  });

  describe('the file of bands', () => {
    const bands = (content: string, mode = 0o600): void => {
      writeFileSync(join(dataDir, 'bands.json'), content);
      chmodSync(join(dataDir, 'bands.json'), mode);
    };
    const key = (device: string, irk = IRK): object => ({ device, irk });

    it.each([
      ['is not there', undefined, 'is missing. The technician'],
      ['is no JSON', '[', 'is not a list of bands'],
      ['has a key of 15 bytes', JSON.stringify([key('band-7', '00'.repeat(15))]), 'is not a list of bands'],
      ['has an id that is none', JSON.stringify([key('Band 7')]), 'is not a list of bands'],
      ['has a band twice', JSON.stringify([key('band-7'), key('band-7', '00'.repeat(16))]), 'band-7 twice'],
      ['gives two bands one key', JSON.stringify([key('band-7'), key('band-8')]), 'the same key'],
    ])('that %s is bad', async (_, content, says) => {
      if (content === undefined) rmSync(join(dataDir, 'bands.json'));
      else bands(content);
      expect(await findings({ path: DEVICE })).toEqual([
        expect.stringMatching(new RegExp(`^bad bands on the radio: .*${says}`)),
      ]);
    });

    it('that others can read is bad, and how to put it right is said', async () => {
      bands('[]', 0o644);
      expect(await findings({ path: DEVICE })).toEqual([
        expect.stringMatching(/^bad bands on the radio: .*chmod 600/),
      ]);
    });

    it('that names no band, or is not configured, is worth a word', async () => {
      bands('[]');
      expect(await findings({ path: DEVICE })).toEqual([
        expect.stringMatching(/^warning bands on the radio: none in the list/),
      ]);
      expect(await findings({ path: DEVICE, bands: undefined })).toEqual([
        expect.stringMatching(/^warning bands on the radio: radio.bands is not set/),
      ]);
    });
  });

  describe('a dongle on a serial line', () => {
    it('may be plugged in later', async () => {
      expect(await findings({ path: '/dev/no-such-dongle' })).toEqual([
        expect.stringMatching(/^warning radio at \/dev\/no-such-dongle: not plugged in now/),
      ]);
    });

    it('that is no device is not found', async () => {
      const path = join(dataDir, 'bands.json');
      expect(await findings({ path })).toEqual([expect.stringMatching(/it is no serial port.*radio\.path/)]);
    });

    it('that this user may not use names the group to be in', async () => {
      expect(await findings({ path: DEVICE }, withMachine({ mayUse: () => false }))).toEqual([
        expect.stringMatching(/^bad radio at \/dev\/null: it is for group root\. .*dialout/),
      ]);
    });
  });

  describe('an adapter of the kernel', () => {
    it('that is not there is not found', async () => {
      expect(await findings({ adapter: 1 })).toEqual([
        expect.stringMatching(/^bad radio at hci1: the kernel has no adapter hci1\. .*radio\.adapter/),
      ]);
    });

    it.each(['soft', 'hard'] as const)('that a %s switch blocks is off', async (kind) => {
      block(kind, '1');
      expect(await findings({ adapter: 0 })).toEqual([
        expect.stringMatching(/^bad radio at hci0: it is blocked by .*rfkill unblock bluetooth/),
      ]);
    });

    it('that is up is used by somebody else', async () => {
      const up = withMachine({ adaptersUp: () => Promise.resolve(['hci0']) });
      expect(await findings({ adapter: 0 }, up)).toEqual([
        expect.stringMatching(/^bad radio at hci0: it is up.*systemctl disable --now bluetooth/),
      ]);
    });

    it('needs a capability, which is worth a word where this user has it not: the unit gives it', async () => {
      expect(await findings({ adapter: 0 }, withMachine({ mayTakeAdapters: () => false }))).toEqual([
        expect.stringMatching(/^warning radio at hci0: .*AmbientCapabilities=CAP_NET_ADMIN/),
      ]);
    });
  });

  it('believes the gateway that is running, which has the controller to itself', async () => {
    const up = withMachine({ adaptersUp: () => Promise.resolve(['hci0']) });
    const scanning = { state: 'scanning', problem: undefined, remedy: undefined } as const;
    expect(await findings({ adapter: 0 }, { ...up, running: scanning })).toEqual([]);
    const down = { state: 'down', problem: 'hci0 is off', remedy: 'Switch it on.' } as const;
    expect(await findings({ adapter: 0 }, { ...up, running: down })).toEqual([
      'bad radio at hci0: hci0 is off. Switch it on.',
    ]);
  });

  it('reminds of a snoop file, which names who was there, and finds its folder missing', async () => {
    expect(await findings({ path: DEVICE, snoop: 'radio.btsnoop' })).toEqual([
      expect.stringMatching(/^warning snoop file: .*radio\.btsnoop takes all/),
    ]);
    expect(await findings({ path: DEVICE, snoop: 'none/radio.btsnoop' })).toEqual([
      expect.stringMatching(/^bad snoop file: there is no folder/),
    ]);
  });
});
