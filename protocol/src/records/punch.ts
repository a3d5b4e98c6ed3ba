/** Punch: a check-in or check-out at a site for a service, with the proof itself (SPEC.md, Punch). */
import { entries, type CborMap, Fields } from '../cbor/index.js';
import { CborError } from '../errors.js';
import { proofMap, readProof, type KnownProof, type Proof } from '../evidence/proof.js';
import { isId } from '../ids.js';

/** Which way a visitor goes. */
export const DIRECTION = { in: 1, out: 2 } as const;
export type Direction = keyof typeof DIRECTION;

export interface Punch {
  readonly direction: Direction;
  /** Number in the catalogue. */
  readonly service: number;
  /** What shows whose punch it is. */
  readonly proof: Proof;
  /** The operator who helped: absent for who came alone. */
  readonly assisted?: string | undefined;
}

/** A punch that can be logged: its proof is of a kind that this version knows. */
export type NewPunch = Punch & { readonly proof: KnownProof };

/** The body of a punch record: `{1: direction, 2: service, 3: proof, 4?: operator}`. */
export function punchBody({ direction, service, proof, assisted }: NewPunch): CborMap {
  return entries([1, DIRECTION[direction]], [2, service], [3, proofMap(proof)], [4, assisted]);
}

/** Reads a punch's body. @throws CborError `cbor/shape` */
export function readPunch(body: CborMap): Punch {
  const fields = Fields.of(body, 'punch');
  const direction = fields.uint(1);
  if (direction !== DIRECTION.in && direction !== DIRECTION.out) {
    throw new CborError('cbor/shape', `punch: direction ${direction} is unknown`, { field: 1 });
  }
  const assisted = fields.optionalText(4);
  if (assisted !== undefined && !isId(assisted)) {
    throw new CborError('cbor/shape', 'punch: the operator is no id', { field: 4 });
  }
  return {
    direction: direction === DIRECTION.in ? 'in' : 'out',
    service: fields.uint(2),
    proof: readProof(fields.fields(3)),
    assisted,
  };
}
