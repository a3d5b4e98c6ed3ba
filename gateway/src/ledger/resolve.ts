/** From what a record says to what it claims of whose account, and the names by which later records may change that. */
import type { Claim, Said } from './claim.js';
import type { Fact, FactSays } from './fact.js';
import type { Place } from './place.js';

export interface Resolver {
  readonly accountOf: (band: string, place: Place) => string | undefined;
  /** Whose minutes were held. */
  readonly holderOf: (redemption: string) => string | undefined;
  /** Accounts of those who checked in at the activity that a record closes. */
  readonly attendersOf: (closed: Fact) => readonly string[];
}

/** Part of a record that closes an activity which is the claim of somebody who was there: of each account there is one. */
export const ATTENDED = 1;

/** None while nobody knows whose it is. */
export function claimsOf(fact: Fact, { accountOf, holderOf, attendersOf }: Resolver): Claim[] {
  const { event, place, time, says } = fact;
  const claim = (account: string | undefined, said: Said, part = 0): Claim[] =>
    account === undefined ? [] : [{ event, account, said, place: { ...place, part } }];
  switch (says.kind) {
    case 'punch': {
      const { direction: kind, service, by } = says;
      return claim(accountOf(by.band, place), { kind, service, time, by });
    }
    case 'attest': {
      const { provider, recipient, service, seconds, minutes, act, evidence } = says;
      const by = { band: provider, evidence, assisted: false };
      return claim(accountOf(provider, place), {
        ...{ kind: 'visit', service, time, seconds, minutes, recipient, by, act },
      });
    }
    case 'session': {
      const { accounts, service, started, ended } = says;
      return accounts.flatMap((account, part) =>
        claim(account, { kind: 'session', service, started, ended, activity: undefined }, part),
      );
    }
    case 'activity': {
      const { phase, activity, service, organiser, started, ended } = says;
      if (phase !== 'closed') return [];
      return [
        ...claim(organiser, { kind: 'session', service, started, ended, activity }, 0),
        ...attendersOf(fact).flatMap((account) =>
          claim(account, { kind: 'attended', service, activity, organiser, ended }, ATTENDED),
        ),
      ];
    }
    case 'hold':
      return claim(accountOf(says.by.band, place), says);
    case 'capture':
    case 'release':
      return claim(holderOf(says.redemption), says);
    case 'transfer': {
      const { from, to, minutes, sort, action } = says;
      return [
        ...claim(from, { kind: 'give', to, minutes, sort, action }, 0),
        ...claim(to, { kind: 'take', from, sort, action }, 1),
      ];
    }
    case 'correct': {
      const { account, ...said } = says;
      return claim(account, said);
    }
    case 'enrol':
      return [];
  }
}

/** Names under which a fact has to be found again. */
export const nameOf = {
  act: (act: string) => `act/${act}`,
  action: (action: string) => `action/${action}`,
  hold: (redemption: string) => `hold/${redemption}`,
  /** A capture or release. */
  spend: (redemption: string) => `spend/${redemption}`,
  /** What was recorded about an activity. */
  activity: (activity: string) => `activity/${activity}`,
  /** Check-ins for a service that is done in a group, by where in their log they are. */
  present: (log: string, service: number, bucket: number) => `present/${log}/${service}/${bucket}`,
  /** What closes an activity, by where in its log the check-ins at it are. */
  closing: (log: string, service: number, bucket: number) => `closing/${log}/${service}/${bucket}`,
  /** What means to welcome an account. */
  welcome: (account: string) => `welcome/${account}`,
  /** A visit to the wearer of a band. */
  peer: (band: string) => `peer/${band}`,
  /** Something that a band claims while it belongs to nobody. */
  unclaimed: (band: string) => `unclaimed/${band}`,
} as const;

/** The band by which it is known whose a fact is. */
export function bandOf({ says }: Fact): string | undefined {
  return says.kind === 'punch' || says.kind === 'hold'
    ? says.by.band
    : says.kind === 'attest'
      ? says.provider
      : undefined;
}

/** What it names, whoever it belongs to. */
export function namesIn({ says }: Fact): string[] {
  switch (says.kind) {
    case 'attest':
      return [nameOf.act(says.act), nameOf.peer(says.recipient)];
    case 'hold':
      return [nameOf.hold(says.redemption)];
    case 'capture':
    case 'release':
      return [nameOf.spend(says.redemption)];
    case 'activity':
      return [nameOf.activity(says.activity)];
    case 'transfer':
      return [nameOf.action(says.action), ...(says.sort === 'welcome' ? [nameOf.welcome(says.to)] : [])];
    case 'correct':
      return [nameOf.action(says.action)];
    case 'punch':
    case 'session':
    case 'enrol':
      return [];
  }
}

/** What there can be one of, whatever says it how often: the first place with this name is it. */
export function uniqueName(said: FactSays | Said): string | undefined {
  const { kind } = said;
  if (kind === 'attest' || kind === 'visit') return nameOf.act(said.act);
  if (kind === 'hold') return nameOf.hold(said.redemption);
  if (kind === 'transfer' || kind === 'give' || kind === 'correct') return nameOf.action(said.action);
  return undefined;
}
