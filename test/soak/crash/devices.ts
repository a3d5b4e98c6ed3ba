/** Simulated readers on pseudo-terminals and bands on a radio, each a program of its own, with what they say they logged. */
import { join } from 'node:path';
import { Child } from '@timeband/simulator';
import { BANDSIM_BIN, SITE } from '../../support/centre.js';
import { within } from './gateway-program.js';
import { type CrashSite, MIX } from './site.js';

export interface LoadOptions {
  /** Taps a minute at each reader. */
  readonly tapsPerMinute: number;
  /** Presses, visits and calls for help a minute on the radio. */
  readonly radioPerMinute: number;
}

/** A device by its own word. */
export interface DeviceTruth {
  /** Highest number in its log. */
  readonly logged: number;
  /** Up to where it may forget. */
  readonly acked: number;
}

/** Records that its flash holds: enough for the longest time without a gateway. */
const SLOTS = 8_192;
/** Everybody's last records are acknowledged; bands on the radio are visited in turn. */
const DRAINED_WITHIN_MS = 60_000;
const ANSWERS_WITHIN_MS = 10_000;

export class Devices {
  readonly truth = new Map<string, DeviceTruth>();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly readers: readonly Child[],
    private readonly radio: Child | undefined,
  ) {
    for (const [child, name] of this.programs) {
      child.onMessage(({ event, band, seq, upto }) => {
        const device = typeof band === 'string' ? band : name;
        const before = this.truth.get(device) ?? { logged: 0, acked: 0 };
        if (event === 'logged')
          this.truth.set(device, { ...before, logged: Math.max(before.logged, Number(seq)) });
        if (event === 'acked')
          this.truth.set(device, { ...before, acked: Math.max(before.acked, Number(upto)) });
        for (const look of this.waiting) look();
      });
    }
  }

  static async start(site: CrashSite, { tapsPerMinute, radioPerMinute }: LoadOptions): Promise<Devices> {
    const { readers: count, bands, radioBands } = site.options;
    const common = ['--json', '--site', SITE, '--issuer-key', site.files.issuerKey];
    const readers = Array.from({ length: count }, (_, i) => {
      const id = `reader-${i + 1}`;
      return child(id, site, [
        ...['reader', ...common, '--id', id, '--link', join(site.readerDir, id)],
        ...['--bands', `0-${bands - 1}`, '--mix', `${MIX.uid}:${MIX.sun}:${MIX.key}`],
        ...['--seed', site.seedOf(i), '--rate', String(tapsPerMinute)],
        ...['--baud', '0', '--sign-ms', '2', '--slots', String(SLOTS), '--history', '150'],
      ]);
    });
    const radio =
      radioBands === 0
        ? undefined
        : child('radio', site, [
            ...['radio', ...common, '--link', site.radioLink, '--bands', String(radioBands)],
            ...['--seed', site.radioSeed, '--rate', String(radioPerMinute)],
            ...['--visits', String(radioPerMinute / 4), '--help-calls', String(radioPerMinute / 4)],
          ]);
    const devices = new Devices(readers, radio);
    await Promise.all(
      devices.programs.map(([program]) =>
        program.expect(({ event }) => (event === 'ready' ? true : undefined)),
      ),
    );
    return devices;
  }

  /** Records that were logged by all. */
  get logged(): number {
    return [...this.truth.values()].reduce((sum, { logged }) => sum + logged, 0);
  }

  /** Records that all may forget. */
  get acked(): number {
    return [...this.truth.values()].reduce((sum, { acked }) => sum + acked, 0);
  }

  /** Everything that readers had acknowledged until now is known. */
  async heardOut(): Promise<void> {
    const answered = this.readers.map((reader) => {
      const answer = reader.expect((message) => ('oldest' in message ? true : undefined));
      reader.tell('status');
      return answer;
    });
    await within(ANSWERS_WITHIN_MS, Promise.all(answered), 'the readers do not answer');
  }

  /** Nobody does anything more; resolves when nobody is on the way any more. */
  async quiet(): Promise<void> {
    for (const reader of this.readers) reader.tell('stop-taps');
    const stopped = this.radio?.expect(({ event }) => (event === 'stopped' ? true : undefined));
    this.radio?.tell('stop');
    await within(DRAINED_WITHIN_MS, Promise.resolve(stopped), 'the wearers of bands do not come to rest');
    await this.heardOut();
  }

  /** Resolves once everything that was logged is acknowledged. */
  async drained(): Promise<void> {
    await within(
      DRAINED_WITHIN_MS,
      this.until(() => this.behind.length === 0),
      'not everything is acknowledged',
    ).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}: ${this.behind.join(', ')}`);
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.programs.map(([program]) => program.end()));
  }

  private get behind(): string[] {
    return [...this.truth]
      .filter(([, { logged, acked }]) => acked < logged)
      .map(([device, { logged, acked }]) => `${device} ${acked} of ${logged}`);
  }

  private get programs(): (readonly [Child, string])[] {
    const named = this.readers.map((reader) => [reader, reader.name] as const);
    return this.radio === undefined ? named : [...named, [this.radio, this.radio.name]];
  }

  private until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }
}

function child(name: string, site: CrashSite, args: readonly string[]): Child {
  return new Child(name, [BANDSIM_BIN, ...args], join(site.dir, `${name}.log`));
}
