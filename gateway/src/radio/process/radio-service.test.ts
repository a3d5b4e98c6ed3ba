import { LinkError } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FromRadio, HUNG_MS, STARTING_MS, type ToRadio } from './messages.js';
import { type RadioProcessHandlers, RadioService } from './radio-service.js';
import type { RemoteLink } from './remote-link.js';

const IRK = new Uint8Array(16);

/** A radio process that says what the test makes it say. */
class FakeProcess {
  readonly heard: ToRadio[] = [];
  isKilled = false;

  constructor(
    readonly pid: number,
    private readonly handlers: RadioProcessHandlers,
  ) {}

  readonly send = (message: ToRadio): void => {
    this.heard.push(message);
  };
  readonly kill = (): void => {
    this.isKilled = true;
    this.handlers.exited('SIGKILL');
  };
  says(message: unknown): void {
    this.handlers.message(message);
  }
  open(link: number): void {
    this.says({ type: 'opened', link, device: 'band-1' } satisfies FromRadio);
  }
}

describe('the radio service', () => {
  let timers: ManualTimers;
  let processes: FakeProcess[];
  let links: RemoteLink[];
  let service: RadioService;

  beforeEach(() => {
    timers = new ManualTimers();
    processes = [];
    links = [];
    service = new RadioService({
      port: { kind: 'native', adapter: 0 },
      maxConnections: 8,
      bands: [{ device: 'band-1', irk: IRK }],
      spawn: (handlers) => {
        const process = new FakeProcess(processes.length + 1, handlers);
        processes.push(process);
        return process;
      },
      timers,
      log: pino({ level: 'silent' }),
      opened: (link) => links.push(link),
    });
    service.start();
  });

  const current = (): FakeProcess => processes.at(-1) ?? expect.fail();
  const theLink = (): RemoteLink => links.at(-1) ?? expect.fail();

  it('tells its process what to use and whom to know', () => {
    expect(current().heard).toEqual([
      {
        ...{ type: 'start', port: { kind: 'native', adapter: 0 }, maxConnections: 8 },
        bands: [{ device: 'band-1', irk: IRK }],
      },
    ]);
  });

  it('offers each connection as a link like any other', async () => {
    current().open(1);
    const got: unknown[] = [];
    theLink().start({
      packet: (packet) => got.push(packet),
      fault: ({ code }) => got.push(code),
      closed: (reason) => got.push(reason),
    });
    theLink().send(Uint8Array.of(1));
    current().says({ type: 'packet', link: 1, bytes: Uint8Array.of(2) });
    current().says({ type: 'fault', link: 1, code: 'frame/truncated', message: 'x' });
    theLink().settled();
    const closing = theLink().close();
    current().says({ type: 'closed', link: 1 });
    await closing;
    expect(got).toEqual([Uint8Array.of(2), 'frame/truncated', undefined]);
    expect(current().heard.slice(1)).toEqual([
      { type: 'packet', link: 1, bytes: Uint8Array.of(1) },
      { type: 'close', link: 1, outcome: 'done' },
    ]);
    expect(() => {
      theLink().send(Uint8Array.of(1));
    }).toThrow(LinkError);
    expect(service.report().links).toBe(0);
  });

  it('hands on that a button was pressed, which is not so where nothing is said of it', () => {
    for (const [link, hint] of [{ pressed: true }, { pressed: false }, {}].entries()) {
      current().says({ type: 'opened', link: link + 1, device: 'band-1', ...hint });
    }
    expect(links.map(({ isPressed }) => isPressed)).toEqual([true, false, false]);
  });

  it('ends a process that has said nothing for 5 s, and starts another', () => {
    current().says({ type: 'beat', counters: {} });
    timers.advance(HUNG_MS - 1);
    current().says({ type: 'beat', counters: {} });
    timers.advance(HUNG_MS - 1);
    expect(processes.map(({ isKilled }) => isKilled)).toEqual([false]);
    timers.advance(1);
    expect(processes.map(({ isKilled }) => isKilled)).toEqual([true]);
    timers.advance(500);
    expect(processes.map(({ isKilled }) => isKilled)).toEqual([true, false]);
    expect(service.report()).toMatchObject({ pid: 2, restarts: 1 });
  });

  it('is patient with a process that has not said its first word: a box with much to do loads it slowly', () => {
    timers.advance(STARTING_MS - 1);
    expect(processes.map(({ isKilled }) => isKilled)).toEqual([false]);
    timers.advance(1);
    expect(processes.map(({ isKilled }) => isKilled)).toEqual([true]);
  });

  it('closes every link when the process is gone', () => {
    const reasons: (string | undefined)[] = [];
    for (const link of [1, 2]) {
      current().open(link);
      theLink().start({
        packet: () => undefined,
        fault: () => undefined,
        closed: (reason) => reasons.push(reason?.message),
      });
    }
    current().kill();
    expect(reasons).toEqual(['the radio process ended', 'the radio process ended']);
    expect(service.report()).toMatchObject({ state: 'down', links: 0 });
  });

  it.each([
    ['no message at all', 7],
    ['of no kind that there is', { type: 'obey' }],
    ['with a packet longer than any', { type: 'packet', link: 1, bytes: new Uint8Array(5_000) }],
    ['with more than it may have', { type: 'closed', link: 1, extra: true }],
    ['of a button that is neither pressed nor not', { type: 'opened', link: 1, pressed: 1 }],
    ['with a list without end', { type: 'sightings', bands: new Array(65).fill({}) }],
  ])('ends a process that says something %s', (_, message) => {
    current().says(message);
    expect(current().isKilled).toBe(true);
  });

  it('starts one that keeps dying ever more slowly', () => {
    for (let second = 0; second < 120; second++) {
      if (!current().isKilled) current().kill();
      timers.advance(1_000);
    }
    expect(processes.length).toBeLessThan(12);
  });

  it('knows who is present from what is heard, of its own site alone', () => {
    const heard = { help: false, full: false, battery: 80, waiting: 0, rssi: -50 };
    const bands = ['band-1', 'band-2'].map((device) => ({ device, ...heard }));
    current().says({ type: 'sightings', bands });
    expect(service.report().present).toBe(1);
    current().says({ type: 'beat', counters: {} });
    timers.advance(4_000);
    for (let i = 0; i < 15; i++) {
      current().says({ type: 'beat', counters: {} });
      timers.advance(4_000);
    }
    expect(service.report().present).toBe(0);
  });

  it('says why the radio is down and what to do, until it scans again', () => {
    current().says({ type: 'down', code: 'radio/off', message: 'hci0 is off', remedy: 'Switch it on.' });
    expect(service.report()).toMatchObject({
      state: 'down',
      problem: 'hci0 is off',
      remedy: 'Switch it on.',
    });
    current().says({ type: 'state', state: 'scanning' });
    expect(service.report()).toMatchObject({ state: 'scanning', problem: undefined });
  });

  it('lets its process hang up before it ends, and does not wait for ever', async () => {
    const closing = service.close();
    expect(current().heard.at(-1)).toEqual({ type: 'stop' });
    timers.advance(3_000);
    await closing;
    expect(current().isKilled).toBe(true);
    timers.advance(60_000);
    expect(processes).toHaveLength(1);
  });
});
