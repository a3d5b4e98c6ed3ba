/**
 * The primary's side of forwarding: what another gateway of the site read is verified to the last signature and
 * committed exactly as if this one had read the device itself. The same records count once, whoever brings them, and the
 * answer carries our ack for the device (SPEC.md, Forward).
 */
import {
  type ForwardedRecords,
  ForwardError,
  type ForwardOutcome,
  isVouched,
  LogError,
  openForward,
  type OpenedForward,
  type SealedRecord,
  signForwardAnswer,
  TimebandError,
  verifyForwarded,
} from '@timeband/protocol';
import { LogMoved } from '../events/index.js';
import { asStoreFault, type Store, type StoredLog, StoreFault } from '../store/index.js';
import { FaultReporter, ownAck, type SyncContext } from '../sync/index.js';
import { refuseOwnEnd, reviewOf } from '../trust/index.js';
import { verifyCertified, type VerifiedDevice } from '../verify/index.js';
import { PeerPace } from './pace.js';

/** How far the clock of the other gateway may be ahead of ours, in seconds. */
const MAX_AHEAD = 120;
/** Somebody else may have committed while we did; more often than this they are not in step any more. */
const MOST_TRIES = 3;
/** Peers that are remembered; a site has a handful. */
const MAX_PEERS = 64;

export type DeskContext = Pick<
  SyncContext,
  | 'site'
  | 'gateway'
  | 'credentials'
  | 'deviceKeys'
  | 'policies'
  | 'committer'
  | 'isRestored'
  | 'timers'
  | 'wallClock'
  | 'clock'
  | 'counters'
  | 'log'
> & { readonly store: Store };

export interface DeskOptions {
  readonly context: DeskContext;
  /** Sends an answer to whoever is connected as this client. */
  readonly answer: (client: string, bytes: Uint8Array) => void;
}

/** What `status` and the health topic say of another gateway that hands records over. */
export interface PeerReport {
  readonly gateway: string;
  /** Records that it brought and that are durable here, whoever brought them first. */
  readonly records: number;
  /** Forwards that were refused. */
  readonly refused: number;
  /** Unix seconds, of the newest. */
  readonly at: number;
}

type Tally = { -readonly [Key in keyof Omit<PeerReport, 'gateway'>]: PeerReport[Key] };

export class ForwardDesk {
  private readonly peers = new Map<string, Tally>();
  private readonly faults: FaultReporter;
  private readonly pace: PeerPace;

  constructor(private readonly options: DeskOptions) {
    const { counters, log, timers } = options.context;
    this.faults = new FaultReporter('forward', counters, log, timers);
    this.pace = new PeerPace(timers);
  }

  report(): readonly PeerReport[] {
    return Array.from(this.peers, ([gateway, tally]) => ({ gateway, ...tally }));
  }

  /** Takes what a client published; one after the other. Resolves when it was dealt with, never rejects. */
  receive(client: string, bytes: Uint8Array): Promise<void> {
    return this.pace.inTurn(client, () => this.take(client, bytes));
  }

  /** @returns whether it was what it has to be */
  private async take(client: string, bytes: Uint8Array): Promise<boolean> {
    const { context } = this.options;
    const { site, clock, credentials } = context;
    let forward: OpenedForward;
    try {
      forward = openForward(bytes, { trust: credentials.trust, site, now: clock.now() });
      if (forward.gateway !== client) {
        throw new ForwardError('forward/refused', `${client} brings what ${forward.gateway} signed`);
      }
    } catch (error) {
      // Whoever cannot show that it is a gateway of this site is told nothing.
      this.faults.report(error as Error, client);
      return false;
    }
    const outcome = await this.decide(forward);
    this.note(forward, outcome);
    const { gateway, number, digest } = forward;
    const answer = { site, gateway: context.gateway, to: gateway, number, digest, ...outcome };
    this.options.answer(client, signForwardAnswer(credentials.key, credentials.certificate.bytes, answer));
    return outcome.outcome !== 'refused';
  }

  private async decide(forward: OpenedForward): Promise<ForwardOutcome> {
    const obstacle = this.obstacle();
    if (obstacle !== undefined) return { outcome: 'later', code: obstacle };
    try {
      if (forward.answered > this.options.context.wallClock() + MAX_AHEAD) {
        throw new ForwardError('forward/refused', `the clock of ${forward.gateway} is ahead of ours`, {
          ahead: Math.round(forward.answered - this.options.context.wallClock()),
        });
      }
      for (let tries = 1; ; tries++) {
        try {
          return await this.store(forward);
        } catch (error) {
          if (!(error instanceof LogMoved)) throw error;
          if (tries === MOST_TRIES) return { outcome: 'later', code: 'forward/busy' };
        }
      }
    } catch (failure) {
      const error = asStoreFault(failure);
      this.faults.report(error as Error, forward.gateway);
      if (error instanceof StoreFault) return { outcome: 'later', code: 'forward/disk' };
      if (error instanceof TimebandError) return { outcome: 'refused', code: error.code };
      return { outcome: 'later', code: 'forward/failed' };
    }
  }

  /** Why nothing can be taken just now, whatever it is. */
  private obstacle(): string | undefined {
    const { policies, gateway, clock, committer } = this.options.context;
    if (policies.primary !== gateway) return 'forward/not-primary';
    if (clock.now() === undefined) return 'forward/clock';
    if (!committer.isOpen) return 'forward/disk';
    try {
      refuseOwnEnd(this.options.context);
    } catch {
      return 'forward/certificate';
    }
    return undefined;
  }

  /** @throws TimebandError, LogMoved, StoreFault */
  private async store(forward: OpenedForward): Promise<ForwardOutcome> {
    const { context } = this.options;
    const { credentials, site, clock, deviceKeys, committer } = context;
    const demand = { trust: credentials.trust, site, now: clock.now(), deviceKeys };
    const device = verifyCertified(forward.certificate, demand);
    const { subject, thumbprint } = device.certificate;
    const story = verifyForwarded(forward, { device: subject, thumbprint, key: device.key });
    const log = this.logFor(forward, device, story);
    if ('outcome' in log) return log;
    if (log.forked)
      throw new LogError('log/fork', `${subject} contradicted what it signed: it needs a new key`);
    const records = story.records.filter(({ seq }) => seq > log.head);
    if (records.length === 0) return this.stored(device, log);
    const { certificate, key } = device;
    const sealed = { ...story, records };
    const received = forward.answered;
    const committed = await committer.submit({
      ...{ log, sealed, moment: { asked: forward.asked, answered: forward.answered } },
      oscillator: isVouched(key) ? 'rc' : 'crystal',
      review: reviewOf(credentials.trust, context.store, certificate, log, sealed, received),
    });
    return this.stored(device, committed.log);
  }

  private stored(device: Pick<VerifiedDevice, 'key'>, log: StoredLog): ForwardOutcome {
    const ack = ownAck(this.options.context, device, log);
    return { outcome: 'stored', upto: log.head, hash: log.hash, ack };
  }

  /** The log as it is stored, which the records join; or what has to come first. @throws LogError `log/fork` */
  private logFor(
    forward: OpenedForward,
    { certificate, key }: Pick<VerifiedDevice, 'certificate' | 'key'>,
    story: ForwardedRecords,
  ): StoredLog | ForwardOutcome {
    const { store, isRestored } = this.options.context;
    const { from, before, oldest, epoch } = forward;
    const { logId, genesis, seal } = story;
    const known = store.findLog(logId);
    if (known !== undefined) return this.join(known, forward, story);
    // What a device holds for acknowledged was acknowledged by a gateway that counted then.
    const isBegun = from <= seal.first && !(isRestored === true && oldest === 1 && from > 1);
    if (!isBegun) {
      return from > seal.first
        ? { outcome: 'lacks', upto: seal.first - 1, hash: seal.hashBefore }
        : { outcome: 'lacks', upto: 0, hash: genesis };
    }
    const { subject: device, bytes } = certificate;
    const about = { logId, device, epoch, certificate: bytes, vouched: isVouched(key) };
    return store.insertLog({ ...about, base: from - 1, hash: before });
  }

  private join(log: StoredLog, forward: OpenedForward, story: ForwardedRecords): StoredLog | ForwardOutcome {
    const { from, oldest, before } = forward;
    const { seal } = story;
    if (from > log.head + 1) {
      const isLost = oldest > log.head + 1 && from === seal.first;
      if (!isLost) return { outcome: 'lacks', upto: log.head, hash: log.hash };
      return this.skip(log, { head: from - 1, hash: before });
    }
    const at = Math.min(log.head, seal.last);
    const ours = at === log.head ? log.hash : this.options.context.store.hashBefore(log.key, at + 1);
    const theirs = at === seal.last ? story.hash : hashBefore(story.records, at + 1);
    if (ours !== undefined && theirs !== undefined && !Buffer.from(ours).equals(theirs)) {
      this.fork(log, story);
    }
    return log;
  }

  /** Its device signed both stories: what it says now is kept as evidence, and nothing more is taken. */
  private fork(log: StoredLog, { records }: ForwardedRecords): never {
    const { store, wallClock, counters, log: logger } = this.options.context;
    const error = new LogError('log/fork', `${log.device} signed two stories up to record ${log.head}`);
    store.markForked(log.key);
    for (const { bytes } of records) {
      counters.count('quarantined', 'forward');
      const { code, message } = error;
      store.quarantine.keep({ at: Math.floor(wallClock()), device: log.device, code, message, bytes });
    }
    logger.error({ device: log.device, code: error.code }, `ALARM: ${error.message}`);
    throw error;
  }

  /** What was acknowledged and can no longer be had is counted as lost (as where the device comes here itself). */
  private skip(log: StoredLog, place: Pick<StoredLog, 'head' | 'hash'>): StoredLog {
    const { store, counters, log: logger } = this.options.context;
    const next = { ...log, ...place };
    const lost = { first: log.head + 1, last: place.head };
    store.transaction(() => {
      store.unpublished.lose(log.key, lost);
      store.advanceLog(next);
    });
    counters.count('log/gap', log.device);
    logger.error(
      { device: log.device, code: 'log/gap', from: lost.first, to: lost.last },
      `ALARM: ${log.device} has overwritten records that are not stored here; they had been acknowledged`,
    );
    return next;
  }

  private note({ gateway, records }: OpenedForward, outcome: ForwardOutcome): void {
    const { counters, wallClock } = this.options.context;
    counters.count(`forward/${outcome.outcome}`, gateway);
    const tally = this.peers.get(gateway) ?? { records: 0, refused: 0, at: 0 };
    tally.at = Math.floor(wallClock());
    if (outcome.outcome === 'refused') tally.refused++;
    if (outcome.outcome === 'stored') tally.records += records.length;
    if (this.peers.size < MAX_PEERS || this.peers.has(gateway)) this.peers.set(gateway, tally);
  }
}

/** `h(seq - 1)` of one of these records. */
function hashBefore(records: readonly SealedRecord[], seq: number): Uint8Array | undefined {
  return records[seq - (records[0]?.seq ?? 0)]?.previous;
}
