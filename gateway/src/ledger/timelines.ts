/**
 * The timelines of all accounts: their claims in the order of their places, each judged by those before it. A claim that
 * comes late is judged where it belongs; what that changes of later ones is reversed in the journal and posted anew.
 */
import { AccountStates, type AccountStatesOptions, keptNet } from './account-states.js';
import type { BookStore, Kept } from './book-store.js';
import type { Claim, Judgement } from './claim.js';
import { moveOf } from './entry.js';
import type { Fact } from './fact.js';
import { judge, type Surroundings } from './judge.js';
import { comparePlaces, type Place } from './place.js';
import { nameOf } from './resolve.js';
import { type AccountState, netOf } from './state.js';

export interface TimelinesOptions<K extends Kept> extends AccountStatesOptions<K> {
  readonly store: BookStore<K>;
  /** What is known beside the timelines. */
  readonly around: Omit<Surroundings, 'isFirst' | 'given'>;
}

const PENDING: Judgement = { outcome: 'noted', minutes: 0 };

interface Change<K extends Kept> {
  readonly kept: K;
  readonly judgement: Judgement;
}

interface Judged<K extends Kept> {
  readonly state: AccountState;
  readonly changes: readonly Change<K>[];
}

export class Timelines<K extends Kept> {
  private readonly states: AccountStates<K>;
  /** From which place on a timeline has to be judged again. */
  private readonly dirty = new Map<string, Place>();
  private readonly around: Surroundings;

  constructor(private readonly options: TimelinesOptions<K>) {
    this.states = new AccountStates<K>(options);
    this.around = {
      ...options.around,
      isFirst: (claim) => options.named.isFirst(claim),
      given: (claim) => this.given(claim),
    };
  }

  /** After a transaction that failed: what the store says counts again. */
  reload(): void {
    this.states.clear();
    this.dirty.clear();
  }

  /** What stands in a timeline from a place on, the oldest first. */
  from(account: string, place: Place): K[] {
    const { store } = this.options;
    const found: K[] = [];
    for (let kept = store.newest(account); kept !== undefined; kept = store.before(kept)) {
      if (comparePlaces(kept.claim.place, place) < 0) break;
      found.push(kept);
    }
    return found.reverse();
  }

  /** What a claim would come to as the newest of its account; nothing is kept of it. */
  consider(claim: Claim): Judgement {
    const newest = this.options.store.newest(claim.account);
    return this.judge(this.states.before(claim, newest), claim);
  }

  insert(claim: Claim): void {
    const { store } = this.options;
    const { account, place } = claim;
    const newest = store.newest(account);
    if (newest === undefined || comparePlaces(newest.claim.place, place) < 0) {
      if (!this.dirty.has(account)) {
        this.append(claim, newest);
        return;
      }
      store.insert({ claim, judgement: PENDING }, newest, undefined);
    } else {
      const [next] = this.from(account, place);
      store.insert({ claim, judgement: PENDING }, next && store.before(next), next);
    }
    this.touch(account, place);
  }

  remove(account: string, { event, place }: Fact): void {
    const { store } = this.options;
    const later = this.from(account, place);
    const at = later.findIndex(({ claim }) => claim.event === event);
    const kept = later[at];
    if (kept === undefined) return;
    this.post(kept.claim, kept.judgement, true);
    store.remove(kept, later[at + 1]);
    this.touch(account, place);
  }

  /** What an account claims from a place on is judged again before all is settled. */
  touch(account: string, place: Place): void {
    this.states.forget(account);
    const known = this.dirty.get(account);
    if (known === undefined || comparePlaces(place, known) < 0) this.dirty.set(account, place);
  }

  /** The earliest place first: what is judged again there can only change what comes later. */
  settle(): void {
    while (this.dirty.size > 0) {
      let first: [string, Place] | undefined;
      for (const entry of this.dirty)
        if (first === undefined || comparePlaces(entry[1], first[1]) < 0) first = entry;
      if (first === undefined) return;
      this.dirty.delete(first[0]);
      this.rejudge(...first);
    }
  }

  /** The usual case: it is the newest of its account. */
  private append(claim: Claim, newest: K | undefined): void {
    const state = this.states.before(claim, newest);
    const judgement = this.judge(state, claim);
    this.options.store.insert({ claim, judgement }, newest, undefined);
    state.apply(claim, judgement);
    this.states.extend(claim, state);
    this.post(claim, judgement, false);
  }

  private rejudge(account: string, place: Place): void {
    const later = this.from(account, place);
    const [next] = later;
    if (next === undefined) return;
    const laterNet = later.reduce((net, kept) => net + keptNet(kept), 0);
    const last = this.options.store.before(next);
    let judged: Judged<K> | number = place.at;
    while (typeof judged === 'number')
      judged = this.judgeAll(later, this.states.after(account, { last, since: judged, laterNet }));
    const { state, changes } = judged;
    this.change(changes);
    this.states.keep(account, state);
  }

  /** @returns from when on the account has to be known instead, Unix seconds, where `state` does not reach back far enough */
  private judgeAll(later: readonly K[], state: AccountState): Judged<K> | number {
    const changes: Change<K>[] = [];
    for (const kept of later) {
      const { claim } = kept;
      const since = this.states.reach(state, claim);
      if (since < state.since) return since;
      const judgement = this.judge(state, claim);
      state.apply(claim, judgement);
      if (!isSame(judgement, kept.judgement)) changes.push({ kept, judgement });
    }
    return { state, changes };
  }

  private judge(state: AccountState, claim: Claim): Judgement {
    return judge(state, claim, this.options.policyAt(claim.event), this.around);
  }

  /** Takes back what gave least first, so that no balance falls lower on the way than where it ends. */
  private change(changes: readonly Change<K>[]): void {
    const byOld = [...changes].sort((a, b) => keptNet(a.kept) - keptNet(b.kept));
    for (const { kept } of byOld) this.post(kept.claim, kept.judgement, true);
    const net = ({ kept, judgement }: Change<K>): number => netOf(kept.claim.said.kind, judgement.minutes);
    for (const { kept, judgement } of [...changes].sort((a, b) => net(b) - net(a))) {
      const { claim } = kept;
      this.options.store.rejudge(kept, judgement);
      this.post(claim, judgement, false);
      const { said, place } = claim;
      if (said.kind === 'give') this.touch(said.to, { ...place, part: place.part + 1 });
    }
  }

  private post(claim: Claim, judgement: Judgement, reverses: boolean): void {
    const move = moveOf(claim, judgement, this.serviceOf(claim));
    if (move === undefined) return;
    const { debit, credit, minutes } = move;
    const { rules, catalogue } = this.options.policyAt(claim.event);
    this.options.store.post({
      ...{ event: claim.event, minutes, reverses, rules: rules.version, catalogue: catalogue.version },
      debit: reverses ? credit : debit,
      credit: reverses ? debit : credit,
    });
  }

  private serviceOf(claim: Claim): number {
    if (claim.said.kind !== 'capture') return 0;
    const hold = this.options.named.first(nameOf.hold(claim.said.redemption));
    return hold?.says.kind === 'hold' ? hold.says.service : 0;
  }

  /** What the other end of a transfer gave. */
  private given({ said, event, place }: Claim): number {
    if (said.kind !== 'take') return 0;
    const give = { ...place, part: place.part - 1 };
    for (const kept of this.from(said.from, give))
      if (kept.claim.event === event) return kept.judgement.minutes;
    return 0;
  }
}

function isSame(a: Judgement, b: Judgement): boolean {
  return a.outcome === b.outcome && a.minutes === b.minutes && a.exact === b.exact;
}
