/** The demo's devices, each a program of its own that says what it logs and what was acknowledged. */
import { join } from 'node:path';
import { Child, type JsonObject } from '../programs/child.js';
import { ENGAGED } from '../taps/past-activity.js';
import { bandsAt, MIX, RADIO_SEED, residentOf, SITE, type Site, type SiteOptions } from './site.js';

/** Minutes that the devices have a past of when the demo begins, so that there is something to end. */
const HISTORY_MINUTES = '150';
/** An activity at the first reader, of which everybody sees the end, and bands there beside whom others are left to tap. */
const TAI_CHI = 509;
const ACTIVITY_MINUTES = 60;
const LEAST_FOR_ACTIVITY = 8;
/** What the wearers of all bands on the radio do a minute. */
const PRESSES = '30';
const VISITS = '12';
const HELP_CALLS = '3';

export interface DevicesOptions extends SiteOptions {
  /** This program. */
  readonly bandsim: string;
  /** Taps a minute at each reader. */
  readonly rate: number;
}

/** How a program is told that nobody does anything more, and how it says that this is so. */
interface Stopping {
  readonly commands: readonly string[];
  readonly isAnswer: (message: JsonObject) => boolean;
}

/** A program with one device or many. */
export class Devices {
  readonly child: Child;
  /** Records. */
  logged = 0;
  acked = 0;

  private constructor(
    name: string,
    args: readonly string[],
    { dir }: DevicesOptions,
    private readonly stopping: Stopping,
  ) {
    this.child = new Child(name, args, join(dir, `${name}.log`));
    this.child.onMessage(({ event, records }) => {
      if (event === 'logged') this.logged++;
      if (event === 'acked') this.acked += Number(records);
    });
  }

  static reader(number: number, options: DevicesOptions, site: Site): Devices {
    const id = `reader-${number + 1}`;
    const { seed, from, to } = bandsAt(number, options);
    const args = [
      ...[options.bandsim, 'reader', '--json', '--site', SITE, '--id', id, '--issuer-key', site.issuerKey],
      ...['--link', join(site.readerDir, id), '--bands', `${from}-${to}`, '--seed', seed],
      ...['--mix', `${MIX.uid}:${MIX.sun}:${MIX.key}`, '--enrol', site.enrolments[number] ?? ''],
      ...['--rate', String(options.rate), '--history', HISTORY_MINUTES],
      ...(number === 0 && to - from >= LEAST_FOR_ACTIVITY
        ? ['--activity', `${TAI_CHI}:${residentOf(to + 1 - ENGAGED)}:${ACTIVITY_MINUTES}`]
        : []),
    ];
    return new Devices(id, args, options, {
      commands: ['stop-taps', 'status'],
      isAnswer: ({ logged }) => typeof logged === 'number',
    });
  }

  static radio(options: DevicesOptions, site: Site): Devices {
    const args = [
      ...[options.bandsim, 'radio', '--json', '--site', SITE, '--issuer-key', site.issuerKey],
      ...['--link', site.radioLink, '--bands', String(options.radioBands), '--seed', RADIO_SEED],
      ...['--rate', PRESSES, '--visits', VISITS, '--help-calls', HELP_CALLS, '--history', HISTORY_MINUTES],
    ];
    return new Devices('radio', args, options, {
      commands: ['stop'],
      isAnswer: ({ event }) => event === 'stopped',
    });
  }

  /** Once this has resolved, nobody does anything more, and everything that was logged has been counted. */
  async stop(): Promise<void> {
    const { commands, isAnswer } = this.stopping;
    const stopped = this.child.expect((message) => (isAnswer(message) ? true : undefined));
    for (const command of commands) this.child.tell(command);
    await stopped;
  }
}
