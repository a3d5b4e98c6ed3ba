/** Request: a matter that someone raised, until the one who raised it confirms that it is settled (SPEC.md, Request). */
import type { Proof } from '../evidence/proof.js';
import { id, oneOf, proof, reference, uint, unixSeconds } from './field-types.js';
import { bodyCodec, demand, optional, required } from './layout.js';
import type { PhaseOrder } from './phases.js';

export const REQUEST_PHASE = { open: 1, ack: 2, assign: 3, escalate: 4, resolve: 5, confirm: 6 } as const;
export type RequestPhase = keyof typeof REQUEST_PHASE;

/** A matter that its handler calls resolved is reopened by `escalate` or ended by `confirm`, and not otherwise. */
export const REQUEST_ORDER: PhaseOrder<RequestPhase> = {
  start: ['open'],
  open: ['ack', 'assign', 'escalate'],
  ack: ['assign', 'escalate', 'resolve'],
  assign: ['assign', 'escalate', 'resolve'],
  escalate: ['ack', 'assign', 'escalate', 'resolve'],
  resolve: ['escalate', 'confirm'],
  confirm: [],
};

/** Who has the matter: the few dozen households around, the community, the street, the city. */
export const REQUEST_LEVEL = { grid: 1, community: 2, street: 3, city: 4 } as const;
export type RequestLevel = keyof typeof REQUEST_LEVEL;

export const URGENCY = { routine: 1, soon: 2, urgent: 3 } as const;
export type Urgency = keyof typeof URGENCY;

/** Categories that are the same everywhere. 16 and above are the site's own; none is refused, lest a call for help be lost. */
export const CATEGORY = {
  help: 1,
  health: 2,
  care: 3,
  repair: 4,
  safety: 5,
  environment: 6,
  neighbours: 7,
  other: 8,
} as const;

export interface Request {
  /** Random, 16 bytes, the same through all phases of one matter. */
  readonly request: Uint8Array;
  readonly phase: RequestPhase;
  /** One of {@link CATEGORY}, or the site's own number. */
  readonly category: number;
  readonly urgency: Urgency;
  readonly level: RequestLevel;
  /** Of who raised it or, at the end, confirms it. Absent where a band's own log says so. */
  readonly proof?: Proof | undefined;
  /** Who has taken it on. Needed when it is assigned or resolved. */
  readonly handler?: string | undefined;
  /** The operator who wrote it down, where no device of whoever raised it did. */
  readonly assisted?: string | undefined;
  /** When the next step is due, Unix seconds. Needed from `ack` to `escalate`, so that no matter is buried. */
  readonly due?: number | undefined;
  /** Account that it is about, where that is not whoever raised it: whom to look in on. */
  readonly about?: string | undefined;
}

const NEEDED: Readonly<Record<RequestPhase, readonly (keyof Request)[]>> = {
  open: [],
  ack: ['due'],
  assign: ['handler', 'due'],
  escalate: ['due'],
  resolve: ['handler'],
  confirm: [],
};

export const { write: requestBody, read: readRequest } = bodyCodec<Request>(
  'request',
  {
    request: required(1, reference),
    phase: required(2, oneOf(REQUEST_PHASE)),
    category: required(3, uint(1)),
    urgency: required(4, oneOf(URGENCY)),
    level: required(5, oneOf(REQUEST_LEVEL)),
    proof: optional(6, proof),
    handler: optional(7, id),
    due: optional(8, unixSeconds),
    assisted: optional(9, id),
    about: optional(10, id),
  },
  (request) => {
    demand('request', request, NEEDED[request.phase]);
  },
);
