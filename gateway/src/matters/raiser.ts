/**
 * What the gateway says about matters by itself, in its own log: that one went to the next level because nobody settled it in
 * time, and what its own records give reason to raise. Each is said once, after a crash or a restart as well: whether it was
 * said follows from the records (SPEC.md, Request).
 */
import {
  type CborMap,
  type CborValue,
  encode,
  KIND,
  type Request,
  requestBody,
  sha256,
  type Timers,
  toHex,
} from '@timeband/protocol';
import type { Logger } from 'pino';
import { nextTurn } from '../next-turn.js';
import { Rounds } from '../rounds.js';
import type { Matters, NamedMatter } from './matters.js';

/** A reason to raise a matter. */
export interface Raise {
  /** What makes it the same reason when somebody looks again: what it is, then which, such as `'unseen', 20833, 'wang'`. */
  readonly reason: readonly [what: string, ...which: CborValue[]];
  readonly category: number;
  readonly urgency: Request['urgency'];
  /** The grid, where there is no reason for another. */
  readonly level?: Request['level'];
  /** Account. */
  readonly about?: string | undefined;
}

/** Something that gives reasons. Looks every half a minute, so it costs little where there is nothing. */
export interface RaiseSource {
  /** Nothing in between where there is more to look at and others may go first. @param now trusted time, Unix seconds */
  readonly wanted: (now: number) => Iterable<Raise | undefined>;
}

export interface RaiserOptions {
  readonly site: string;
  readonly matters: Pick<Matters, 'find' | 'open' | 'changes'>;
  readonly ownLog: {
    readonly logIf: (kind: number, body: () => CborMap | undefined) => Promise<unknown>;
  };
  readonly sources: readonly RaiseSource[];
  /** Trusted time, Unix seconds; nothing as long as the clock is not set, and nothing is said then. */
  readonly now: () => number | undefined;
  readonly timers: Timers;
  readonly counters: { count: (name: string, label?: string) => void };
  readonly log: Logger;
}

const EVERY_MS = 30_000;

/** Id of the matter that a gateway raises for a reason. 16 bytes. */
export function raiseId(site: string, reason: Raise['reason']): Uint8Array {
  return sha256(encode(['tb-raise', site, ...reason])).slice(0, 16);
}

export class Raiser {
  private readonly rounds: Rounds;
  private isFailing = false;
  /** What was looked through, and until when nothing more comes of it. */
  private looked: { readonly changes: number; readonly until: number } | undefined;

  constructor(private readonly options: RaiserOptions) {
    this.rounds = new Rounds(() => this.look(), EVERY_MS, options.timers);
  }

  /** Looks now and from now on, until closed. */
  start(): void {
    this.rounds.start();
  }

  /** Resolves when what was being said is durable. */
  close(): Promise<void> {
    return this.rounds.close();
  }

  private async look(): Promise<void> {
    const { now, sources, counters, log } = this.options;
    const at = now();
    if (at === undefined) return;
    try {
      await this.tell(Math.floor(at));
      for (const source of sources) {
        for (const raise of source.wanted(Math.floor(at))) {
          if (this.rounds.isClosed) return;
          if (raise === undefined) await nextTurn();
          else await this.raise(raise);
        }
      }
      this.isFailing = false;
    } catch (error) {
      this.looked = undefined;
      counters.count('raise-failed');
      // It is tried again in half a minute, and so is what fails each time.
      if (!this.isFailing) log.error({ err: error }, 'matters that are due cannot be raised: trying again');
      this.isFailing = true;
    }
  }

  /** Tells of those that went to the next level. */
  private async tell(now: number): Promise<void> {
    const { matters } = this.options;
    const { changes } = matters;
    if (this.looked?.changes === changes && now < this.looked.until) return;
    let until = Infinity;
    let isAllSaid = true;
    for (const matter of [...matters.open(now)]) {
      if (this.rounds.isClosed) return;
      if (isUntold(matter)) isAllSaid = (await this.tellOf(matter, now)) && isAllSaid;
      if (matter.due !== undefined && matter.due > now) until = Math.min(until, matter.due);
    }
    this.looked = isAllSaid ? { changes, until } : undefined;
  }

  private async tellOf({ request }: NamedMatter, now: number): Promise<boolean> {
    const { matters, ownLog, log } = this.options;
    const logged = await ownLog.logIf(KIND.request, () => {
      const matter = matters.find(request, now);
      if (matter === undefined || !isUntold(matter)) return undefined;
      const { category, urgency, level, about, due } = matter;
      return requestBody({ ...{ request, phase: 'escalate', category, urgency, level, due, about } });
    });
    if (logged === undefined) return false;
    log.info({ matter: toHex(request) }, 'a matter that nobody settled in time went to the next level');
    return true;
  }

  private async raise({ reason, category, urgency, level = 'grid', about }: Raise): Promise<void> {
    const { site, matters, ownLog, log } = this.options;
    const request = raiseId(site, reason);
    if (matters.find(request, Infinity) !== undefined) return;
    const logged = await ownLog.logIf(KIND.request, () => {
      if (matters.find(request, Infinity) !== undefined) return undefined;
      return requestBody({ request, phase: 'open', category, urgency, level, about });
    });
    if (logged === undefined) return;
    log.info({ matter: toHex(request), reason: reason[0], urgency }, 'the gateway raised a matter by itself');
  }
}

function isUntold({ due, escalated, told }: NamedMatter): boolean {
  return due !== undefined && escalated.length > told;
}
