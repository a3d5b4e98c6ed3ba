/** A device on a link in memory for the tests of sessions: it answers what its guard admits, and the link is watched. */
import { decodeLenient, encode, type CborMap } from '../cbor/index.js';
import { issueCertificate, type Role, TrustStore } from '../cwt/index.js';
import { type PrivateKey } from '../crypto/index.js';
import { SessionError, TimebandError } from '../errors.js';
import type { Link, LinkHandlers } from '../link.js';
import { COMMAND, decodePacket, encodePacket, OP, RC, type SmpPacket, TIMEBAND_GROUP } from '../smp/index.js';
import { keyOf, ManualTimers } from '../test-support/index.js';
import type { CertifiedParty } from './certified.js';
import type { DeviceParty } from './device.js';
import { SessionServer } from './server.js';

export const SITE = 'dahaiyang';
export const GATEWAY = 'gw-1';
export const DEVICE = 'band-that-nobody-may-know';
export const ISSUER = keyOf('session issuer');
const DAY = 86_400;
export const NOW = 1_800_000_000;

export interface Certified {
  readonly key?: PrivateKey;
  readonly role?: Role;
  readonly site?: string;
  readonly subject?: string;
  readonly issuer?: PrivateKey;
  readonly expires?: number;
  readonly peers?: readonly Role[];
}

/** Somebody with a certificate, a gateway unless told otherwise. */
export function party({
  key = keyOf('session gateway'),
  role = 'gateway',
  site = SITE,
  subject = GATEWAY,
  issuer = ISSUER,
  expires = NOW + DAY,
  peers = ['band', 'reader'],
}: Certified = {}): CertifiedParty {
  const claims = { issuer: site, subject, role, site, notBefore: NOW - DAY, expires, key: key.publicKey };
  const trust = new TrustStore([ISSUER.publicKey]);
  return {
    key,
    certificate: issueCertificate(issuer, claims),
    verify: (bytes) => trust.verify(bytes, { roles: peers, site: SITE, now: NOW }),
  };
}

export function band(changed: Certified = {}): DeviceParty {
  const peers = ['gateway', 'technician'] as const;
  return {
    method: 'edhoc',
    ...party({ key: keyOf('session band'), role: 'band', subject: DEVICE, peers, ...changed }),
  };
}

/** What the device does with what is admitted. */
export type Handler = (request: SmpPacket, body: CborMap) => CborMap;

/** Answers every command with its own number. */
const ECHO_ID: Handler = ({ id }) => new Map([[1, id]]);

export class WatchedDevice implements Link {
  readonly name = 'watched';
  readonly timers = new ManualTimers();
  /** Every packet on the link, in both directions, in order. */
  readonly transcript: Uint8Array[] = [];
  readonly requests: Uint8Array[] = [];
  readonly acted: SmpPacket[] = [];
  timedOut = false;
  readonly server: SessionServer;
  /** Changes an answer on its way. */
  meddle: (answer: SmpPacket) => SmpPacket = (answer) => answer;
  private handlers: LinkHandlers | undefined;

  constructor(
    party: DeviceParty,
    private readonly handler: Handler = ECHO_ID,
  ) {
    this.server = new SessionServer({
      party,
      timers: this.timers,
      onTimeout: () => {
        this.timedOut = true;
      },
    });
    this.server.connected();
  }

  start(handlers: LinkHandlers): void {
    this.handlers = handlers;
  }

  send(bytes: Uint8Array): void {
    this.requests.push(bytes);
    this.transcript.push(bytes);
    const answer = encodePacket(this.meddle(this.answer(decodePacket(bytes))));
    this.transcript.push(answer);
    queueMicrotask(() => this.handlers?.packet(answer));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** What the device answers to a packet, whoever sent it. */
  answer(request: SmpPacket): SmpPacket {
    const { payload, protect } = this.server.admit(request);
    const body = payload === undefined ? denied() : this.act({ ...request, payload });
    const op = request.op === OP.read ? OP.readResponse : OP.writeResponse;
    return { ...request, op, payload: protect(encode(body)) };
  }

  private act(request: SmpPacket): CborMap {
    const body = decodeLenient(request.payload) as CborMap;
    if (request.group === TIMEBAND_GROUP && request.id === COMMAND.handshake.id) {
      try {
        return COMMAND.handshake.encodeAnswer(this.server.advance(COMMAND.handshake.decodeRequest(body)));
      } catch (error) {
        if (error instanceof SessionError) return new Map([['rc', RC.badState]]);
        throw error;
      }
    }
    this.acted.push(request);
    return this.handler(request, body);
  }
}

function denied(): CborMap {
  return new Map([['rc', RC.accessDenied]]);
}

/** The code with which something fails that takes time, or what it came to. */
export async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TimebandError) return error.code;
    throw error;
  }
}
