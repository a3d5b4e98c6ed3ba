/**
 * The commands of group 84 by which a device that comes from its factory is given to a site (SPEC.md, Provisioning).
 * All of them may be repeated: the power may fail between any two.
 */
import { type CborValue, entries, Fields } from '../cbor/index.js';
import { fromCoseKey, toCoseKey } from '../cose/index.js';
import { ALG, type PublicKey, type SignatureAlgorithm } from '../crypto/index.js';
import { ROLE } from '../cwt/index.js';
import { CborError } from '../errors.js';
import { CHALLENGE_NONCE_BYTES } from '../evidence/proof.js';
import { command, none, type None } from './command.js';
import { named } from './exchange-commands.js';

const IRK_BYTES = 16;
const THUMBPRINT_BYTES = 32;

/** How far a device has come: without a key, with a key of its own, belonging to a site. */
export const FACTORY_STATE = { blank: 0, keyed: 1, provisioned: 2 } as const;
export type FactoryState = keyof typeof FACTORY_STATE;

/** What it can be certified as. */
export type HardwareRole = 'reader' | 'band';
const HARDWARE_ROLE: Readonly<Record<HardwareRole, number>> = { reader: ROLE.reader, band: ROLE.band };

/** What a device says of itself whether it belongs to a site or not. */
export interface FactoryReport {
  readonly state: FactoryState;
  /** The hardware's own name, an id that no other device has. It stays through everything. */
  readonly serial: string;
  readonly hardware: string;
  readonly firmware: string;
  readonly role: HardwareRole;
  /** COSE algorithms of keys that it can hold. */
  readonly algorithms: readonly number[];
  /** Of its key, 32 bytes, while it has one. */
  readonly thumbprint?: Uint8Array | undefined;
  /** Its id and site, while it belongs to one. */
  readonly device?: string | undefined;
  readonly site?: string | undefined;
}

export interface PossessionRequest {
  readonly nonce: Uint8Array;
  /** The site that the key is to be certified for. */
  readonly site: string;
}

const ALGORITHMS: readonly number[] = [ALG.EdDSA, ALG.ES256];

export const provisioningCommands = {
  factory: command<None, FactoryReport>({
    id: 14,
    op: 'read',
    name: 'factory',
    idempotent: true,
    encodeRequest: none.encode,
    decodeRequest: none.decode,
    encodeAnswer: (a) =>
      entries(
        [1, FACTORY_STATE[a.state]],
        [2, a.serial],
        [3, a.hardware],
        [4, a.firmware],
        [5, a.algorithms],
        [6, a.thumbprint],
        [7, a.device],
        [8, a.site],
        [9, HARDWARE_ROLE[a.role]],
      ),
    decodeAnswer: (body) => {
      const f = Fields.of(body, 'factory');
      return {
        state: named(FACTORY_STATE, f.uint(1), 'factory: state'),
        serial: f.text(2),
        hardware: f.text(3),
        firmware: f.text(4),
        algorithms: f.array(5).map(integer),
        thumbprint: f.optionalBytes(6, THUMBPRINT_BYTES),
        device: f.optionalText(7),
        site: f.optionalText(8),
        role: named(HARDWARE_ROLE, f.uint(9), 'factory: role'),
      };
    },
  }),
  /** Has the device make a key of its own, once: asked again, it answers with the key that it has. */
  makeKey: command<{ readonly algorithm: SignatureAlgorithm }, PublicKey>({
    id: 14,
    op: 'write',
    name: 'make key',
    idempotent: true,
    encodeRequest: ({ algorithm }) => entries([1, algorithm]),
    decodeRequest: (body) => {
      const algorithm = Fields.of(body, 'make key').int(1);
      if (!ALGORITHMS.includes(algorithm)) {
        throw new CborError('cbor/shape', `make key: algorithm ${algorithm} does not sign`);
      }
      return { algorithm: algorithm as SignatureAlgorithm };
    },
    encodeAnswer: (key) => entries([1, toCoseKey(key)]),
    decodeAnswer: (body) => fromCoseKey(Fields.of(body, 'make key').fields(1)),
  }),
  /** Has a device that belongs to no site show that it holds its key. */
  possession: command<PossessionRequest, Uint8Array>({
    id: 15,
    op: 'write',
    name: 'possession',
    idempotent: true,
    encodeRequest: ({ nonce, site }) => entries([1, nonce], [2, site]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'possession');
      return { nonce: f.bytes(1, CHALLENGE_NONCE_BYTES), site: f.text(2) };
    },
    encodeAnswer: (proof) => entries([1, proof]),
    decodeAnswer: (body) => Fields.of(body, 'possession').bytes(1),
  }),
  /** The identity resolving key that a band made: asked on a trusted line, or by a technician in a session. */
  resolvingKey: command<None, Uint8Array>({
    id: 16,
    op: 'read',
    name: 'resolving key',
    idempotent: true,
    encodeRequest: none.encode,
    decodeRequest: none.decode,
    encodeAnswer: (irk) => entries([1, irk]),
    decodeAnswer: (body) => Fields.of(body, 'resolving key').bytes(1, IRK_BYTES),
  }),
} as const;

function integer(value: CborValue): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new CborError('cbor/shape', 'factory: an algorithm that is no integer');
}
