/**
 * Those who wear the bands of a room: what they do when they are told, and what they do by themselves, at random moments
 * that a seed repeats. They check in and out by pressing the button near the gateway, visit each other, and call for help.
 */
import type { PrivateKey } from '@timeband/protocol';
import { addWristband, issue } from '../band/issue.js';
import type { WristbandEvent } from '../band/wristband.js';
import type { BootOptions } from '../firmware/boot/index.js';
import type { RadioSimulation } from '../radio/simulation.js';
import { type Random, seededRandom } from '../random.js';
import { type BandRange, BandStock, WRISTBANDS } from '../taps/bands.js';
import { startTaps } from '../taps/generator.js';
import { anyVisit } from '../taps/services.js';
import { Turns } from '../taps/turns.js';
import { HomeVisit } from './home-visit.js';
import type { Wearer } from './wearer.js';
import { atCentre, Whereabouts } from './whereabouts.js';

/** Of everybody together, a minute; 0 for nothing by themselves. */
export interface Rates {
  readonly presses: number;
  /** Beginnings and ends. */
  readonly visits: number;
  readonly helpCalls: number;
}

export interface WearersOptions {
  readonly site: string;
  /** Certifies the bands. */
  readonly issuerKey: PrivateKey;
  readonly bands: BandRange;
  readonly seed: string;
  /** Whether they walk out of reach and back all the time. */
  readonly comeAndGo?: boolean | undefined;
  /** Most millionths by which a band's clock runs fast or slow. */
  readonly driftPpm?: number | undefined;
  /** Their firmware is an image in flash that can be replaced. */
  readonly boot?: BootOptions | undefined;
  /** What a band did. */
  readonly observe: (band: string, event: WristbandEvent) => void;
}

const LOOK_MS = 100;
const MINUTE_MS = 60_000;

export class Wearers {
  readonly everybody: readonly Wearer[];
  private readonly visits = new Map<string, HomeVisit>();
  private stopTurns: readonly (() => void)[] = [];

  /** Switches the bands on, in an air. */
  constructor(
    private readonly simulation: RadioSimulation,
    private readonly options: WearersOptions,
  ) {
    const stock = new BandStock({ ...options, mix: WRISTBANDS });
    const { from, to } = options.bands;
    this.everybody = Array.from({ length: to - from + 1 }, (_, i) => this.switchOn(stock, from + i));
  }

  /** @param number of the band */
  find(number: number): Wearer | undefined {
    return this.everybody.find((wearer) => wearer.number === number);
  }

  /** The visits of one to another, always the same object. */
  visit(provider: Wearer, recipient: Wearer): HomeVisit {
    const name = `${provider.number}/${recipient.number}`;
    const visit = this.visits.get(name) ?? new HomeVisit(provider, recipient, this.simulation.clock);
    this.visits.set(name, visit);
    return visit;
  }

  /**
   * The last `minutes` before anybody listened, in virtual time: every two neighbours began a visit, and every other of
   * these is over. Ends in the present.
   */
  async liveThrough(minutes: number): Promise<void> {
    const { clock } = this.simulation;
    const random = this.random('history');
    const ms = minutes * MINUTE_MS;
    this.pairs().forEach((visit, place) => {
      const beginsIn = random.next() * ms;
      const endsIn = beginsIn + random.next() * (ms - beginsIn);
      clock.after(beginsIn, () => visit.begin(anyVisit(random)));
      if (place % 2 === 0) clock.after(endsIn, () => visit.end());
    });
    await clock.run(ms);
  }

  /** From here on they do things by themselves. */
  start({ presses, visits, helpCalls }: Rates): void {
    const wearers = new Turns(this.everybody, this.random('wearers'));
    const pairs = new Turns(this.pairs(), this.random('pairs'));
    const [services, callers] = [this.random('services'), this.random('callers')];
    this.stopTurns = [
      this.nowAndThen('presses', presses, () => {
        const wearer = wearers.next(isFree);
        if (wearer === undefined) return;
        wearers.taken(wearer);
        wearer.wristband.press();
      }),
      this.nowAndThen('visits', visits, () => {
        const pair = pairs.next();
        if (pair === undefined) return;
        pairs.taken(pair);
        pair.goOn(anyVisit(services));
      }),
      this.nowAndThen('help calls', helpCalls, () => {
        const near = this.everybody.filter(({ whereabouts }) => whereabouts.isAtCentre);
        near[callers.below(near.length)]?.wristband.callForHelp();
      }),
    ];
  }

  /** They do nothing more by themselves, and everybody comes to the centre. */
  stop(): void {
    for (const stop of this.stopTurns) stop();
    for (const visit of this.visits.values()) visit.breakOff();
  }

  /** Calls once nobody waits any more for what a press will come to. */
  whenQuiet(isQuiet: () => void): void {
    const isPressing = this.everybody.some(({ wristband }) => wristband.button.isPressed);
    const isVisiting = [...this.visits.values()].some((visit) => visit.isPressing);
    if (!isPressing && !isVisiting) {
      isQuiet();
      return;
    }
    this.simulation.clock.after(LOOK_MS, () => {
      this.whenQuiet(isQuiet);
    });
  }

  private switchOn(stock: BandStock, number: number): Wearer {
    const { issuerKey, comeAndGo = false, driftPpm = 0, boot, observe } = this.options;
    const random = this.random(`wearer ${number}`);
    const whereabouts = new Whereabouts(number, atCentre(random, comeAndGo));
    const issued = issue(stock, number, issuerKey);
    const added = addWristband(
      this.simulation,
      {
        ...issued,
        boot,
        driftPpm: (2 * random.next() - 1) * driftPpm,
        observe: (event) => {
          observe(issued.id, event);
        },
      },
      { path: whereabouts.path },
    );
    return { number, whereabouts, ...added };
  }

  /** Neighbours, who visit each other. */
  private pairs(): HomeVisit[] {
    return this.everybody.flatMap((provider, place) => {
      const recipient = place % 2 === 0 ? this.everybody[place + 1] : undefined;
      return recipient === undefined ? [] : [this.visit(provider, recipient)];
    });
  }

  private nowAndThen(what: string, perMinute: number, action: () => void): () => void {
    const { clock: timers } = this.simulation;
    return startTaps({ perMinute, timers, random: this.random(what), tap: action });
  }

  private random(what: string): Random {
    return seededRandom(`${this.options.seed}/${what}`);
  }
}

/** Whether a press now would be one for the gateway. */
function isFree({ whereabouts, wristband }: Wearer): boolean {
  return whereabouts.isAtCentre && !wristband.button.isPressed;
}
