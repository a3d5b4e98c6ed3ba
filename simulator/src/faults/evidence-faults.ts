/** Proofs that do not prove what the record says: what a dishonest reader, or its owner, would try (SPEC.md, Threats). */
import {
  type Activity,
  activityBody,
  decodeRecord,
  encodeRecord,
  KIND,
  type KnownProof,
  type NewPunch,
  punchBody,
  readActivity,
  readPunch,
  rosterHash,
} from '@timeband/protocol';
import type { Behaviour, Fault } from './behaviour.js';

export const EVIDENCE_FAULTS = {
  'replayed-sun': {
    description: 'taps of tags that are all the first one’s message again',
    create: () => {
      let first: KnownProof | undefined;
      return changingPunch((punch) => {
        if (punch.proof.kind !== 'sun' && punch.proof.kind !== 'encrypted-sun') return undefined;
        const proof = (first ??= punch.proof);
        return punch.proof === proof ? undefined : { ...punch, proof };
      });
    },
  },
  'wrong-answer': {
    description: 'answers of bands, logged for another service than they were given for',
    create: () =>
      changingPunch((punch) =>
        punch.proof.kind === 'answer' ? { ...punch, service: punch.service + 1 } : undefined,
      ),
  },
  'wrong-roster': {
    description: 'activities that are closed with somebody on the roster who was not there',
    create: ({ reader }) =>
      changingClosed((closed) => {
        const names = new Set(reader.activities.roster(closed.activity)).add(NOBODY);
        const attended = Math.min(names.size, closed.capacity);
        return { ...closed, attended, roster: rosterHash(closed.activity, names) };
      }),
  },
} satisfies Readonly<Record<string, Fault>>;

/** A tag that does not exist. */
const NOBODY = 'tag-00000000';

/** Changes a punch before it is logged. */
function changingPunch(change: (punch: NewPunch) => NewPunch | undefined): Behaviour {
  return {
    onRecord: (bytes) => {
      const record = decodeRecord(bytes);
      if (record.kind !== KIND.punch) return undefined;
      const punch = readPunch(record.body);
      const { proof } = punch;
      const changed = proof.kind === 'unknown' ? undefined : change({ ...punch, proof });
      return changed && encodeRecord({ ...record, body: punchBody(changed) });
    },
  };
}

/** Changes what closes an activity before it is logged. */
export function changingClosed(change: (closed: Activity) => Activity): Behaviour {
  return {
    onRecord: (bytes) => {
      const record = decodeRecord(bytes);
      if (record.kind !== KIND.activity) return undefined;
      const activity = readActivity(record.body);
      if (activity.phase !== 'closed') return undefined;
      return encodeRecord({ ...record, body: activityBody(change(activity)) });
    },
  };
}
