/** Reads from a published event what it says to the ledger. Records of kinds that move no minutes say nothing. */
import {
  actionId,
  decodeRecord,
  KIND,
  type Record,
  readActivity,
  readAttest,
  readEnrol,
  readCorrect,
  readMediate,
  readPunch,
  readRedeem,
  readStatement,
  readTransfer,
  rosterName,
  tagId,
  toHex,
} from '@timeband/protocol';
import type { EventSourceRow, FactRow } from '../store/index.js';
import type { Fact, FactSays } from './fact.js';

/** What of an event is needed. */
export interface PublishedRecord extends Pick<
  EventSourceRow,
  'seq' | 'logId' | 'logSeq' | 'time' | 'evidence' | 'band' | 'act' | 'doubted'
> {
  readonly record: Pick<Record, 'kind' | 'body'>;
  /** When it was committed, Unix seconds; asked of few. */
  readonly recorded: () => number;
}

/** What became known to the gateway so much later was done without it, seconds. */
const OFFLINE_AFTER = 600;
/** Mediation is a service of the catalogue, of which its records do not say the number. */
const MEDIATION = 801;

export function readFact(row: FactRow, logId: Uint8Array, recorded: () => number): Fact | undefined {
  const { seq, logSeq, time, evidence, band, act, doubted } = row;
  const record = decodeRecord(row.record);
  return factOf({ seq, logId, logSeq, time, evidence, band, act, doubted, record, recorded });
}

export function factOf(event: PublishedRecord): Fact | undefined {
  if (event.doubted === true) return undefined;
  const says = saidIn(event);
  const { seq, logId, logSeq, time } = event;
  return (
    says && { event: seq, says, time, place: { at: time.latest, log: toHex(logId), seq: logSeq, part: 0 } }
  );
}

function saidIn({
  record: { kind, body },
  evidence,
  band,
  act,
  time,
  recorded,
}: PublishedRecord): FactSays | undefined {
  switch (kind) {
    case KIND.punch: {
      const { proof, direction, service, assisted } = readPunch(body);
      // A band's own word corroborates its challenger's record, which is the one that counts.
      if (proof.kind === 'own') return undefined;
      const name = band ?? (proof.kind === 'uid' ? tagId(proof.uid) : undefined);
      if (name === undefined) return undefined;
      return {
        kind: 'punch',
        direction,
        service,
        by: { band: name, evidence, assisted: assisted !== undefined },
        ...(proof.kind === 'answer' && { shown: rosterName(proof) }),
      };
    }
    case KIND.attest: {
      const { provider, recipient, service, seconds, minutes } = readStatement(readAttest(body).statement);
      return (
        act && { kind: 'attest', provider, recipient, service, seconds, minutes, evidence, act: toHex(act) }
      );
    }
    case KIND.activity: {
      const { activity, phase, service, organiser, capacity, ...rest } = readActivity(body);
      const { started = 0, ended = 0, attended = 0, roster } = rest;
      return {
        ...{ kind: 'activity', activity: toHex(activity), phase, service, organiser, capacity },
        ...{ started, ended, attended, roster: roster === undefined ? '' : toHex(roster) },
      };
    }
    case KIND.redeem: {
      const { phase, service, price, catalogue, assisted, reason, redemption: id } = readRedeem(body);
      const redemption = toHex(id);
      if (phase === 'capture') return { kind: phase, redemption };
      if (phase === 'release') return { kind: phase, redemption, reason };
      if (band === undefined) return undefined;
      const by = { band, evidence, assisted: assisted !== undefined };
      const offline = recorded() - time.latest > OFFLINE_AFTER;
      return { kind: phase, redemption, service, price, catalogue, offline, by };
    }
    case KIND.mediate: {
      const { mediators, started, ended } = readMediate(body);
      return { kind: 'session', accounts: mediators, service: MEDIATION, started, ended };
    }
    case KIND.transfer: {
      const { action, bytes } = readTransfer(body);
      const { from, to, minutes, sort } = action;
      return { kind: 'transfer', from, to, minutes, sort, action: toHex(actionId(bytes)) };
    }
    case KIND.correct: {
      const { action, bytes } = readCorrect(body);
      const { account, sort, service, minutes } = action;
      return { kind: 'correct', account, sort, service, minutes, action: toHex(actionId(bytes)) };
    }
    case KIND.enrol: {
      const { action, bytes } = readEnrol(body);
      const { step, account, band: enrolled, thumbprint, replaces } = action;
      return {
        ...{ kind: 'enrol', step, account, band: enrolled, replaces },
        ...{ hasKey: thumbprint !== undefined, action: toHex(actionId(bytes)) },
      };
    }
    default:
      return undefined;
  }
}
