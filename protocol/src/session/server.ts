/**
 * A device's guard on a link that nobody trusts: it makes sessions, opens what is asked in them, and lets nothing else
 * through (SPEC.md, Session).
 */
import { encode } from '../cbor/index.js';
import { SessionError } from '../errors.js';
import { type HandshakeStep, OP, RC, type SmpPacket } from '../smp/index.js';
import type { Timers } from '../timers.js';
import type { SecureChannel } from './channel.js';
import {
  advanceDevice,
  type DeviceHandshake,
  type DeviceParty,
  IDLE,
  type Session,
  type SessionPeer,
} from './device.js';
import { encodeError, SuitesError } from './edhoc/index.js';
import { isOpenToAll, mayAsk } from './gate.js';

/** From the beginning of a connection, or of a handshake, to an open session. */
export const HANDSHAKE_MS = 5_000;

/** The least SMP buffer of a device that makes sessions: messages of a handshake by certificates outgrow 384 bytes. */
export const MIN_SESSION_BUFFER_BYTES = 512;

/** What becomes of a request. */
export interface Admission {
  /** The payload to act on; undefined when it is to be refused with SMP's `accessDenied`. */
  readonly payload: Uint8Array | undefined;
  /** Makes an answer's payload, a refusal's too, into what goes over the link. */
  readonly protect: (payload: Uint8Array) => Uint8Array;
}

export interface SessionServerOptions {
  readonly party: DeviceParty;
  readonly timers: Timers;
  /** No session was made in time: the link is to be dropped where that can be done. */
  readonly onTimeout?: () => void;
}

const IN_CLEAR = (payload: Uint8Array): Uint8Array => payload;

export class SessionServer {
  private handshake: DeviceHandshake = IDLE;
  private session: Session | undefined;
  private cancelTimer: () => void = () => undefined;

  constructor(private readonly options: SessionServerOptions) {}

  /** Who is at the other end, once it has proven itself. */
  get peer(): SessionPeer | undefined {
    return this.session?.peer;
  }

  /** Somebody connected: the time for a handshake runs. */
  connected(): void {
    this.disconnected();
    this.startTimer();
  }

  /** The link is gone, and what was agreed on it. */
  disconnected(): void {
    this.cancelTimer();
    this.handshake = IDLE;
    this.session = undefined;
  }

  /** Judges a request before anything is done about it. */
  admit(request: SmpPacket): Admission {
    if (isOpenToAll(request)) return { payload: request.payload, protect: IN_CLEAR };
    if (this.session === undefined) return { payload: undefined, protect: IN_CLEAR };
    const { channel, peer } = this.session;
    try {
      const { counter, payload } = channel.open(request, request.payload);
      return {
        payload: mayAsk(peer.role, request) ? payload : undefined,
        protect: (body) => this.protect(channel, request, body, counter),
      };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return { payload: undefined, protect: IN_CLEAR };
    }
  }

  /**
   * Answers one step of a handshake. A session that is open stays so until another one is.
   * @returns the message to answer; an error of EDHOC when the gateway's message does not hold
   * @throws SessionError where there is no message to answer
   */
  advance(step: HandshakeStep): Uint8Array | undefined {
    const { handshake } = this;
    this.handshake = IDLE;
    if ('method' in step) this.startTimer();
    try {
      const { next, message, session } = advanceDevice(this.options.party, handshake, step);
      this.handshake = next;
      if (session !== undefined) {
        this.cancelTimer();
        this.session = session;
      }
      return message;
    } catch (error) {
      // A gateway that gave up is told nothing more.
      const isEdhoc = handshake.state === 'awaiting message_2' || handshake.state === 'awaiting message_4';
      if (!(error instanceof SessionError) || !isEdhoc || 'method' in step) throw error;
      const isPeers = error.code === 'session/closed' || error instanceof SuitesError;
      return isPeers ? undefined : encodeError(error);
    }
  }

  private protect(
    channel: SecureChannel,
    { op, group, id }: SmpPacket,
    body: Uint8Array,
    request: number,
  ): Uint8Array {
    const answer = { op: op === OP.read ? OP.readResponse : OP.writeResponse, group, id };
    try {
      return channel.seal(answer, body, request).payload;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.session = undefined;
      return encode(new Map([['rc', RC.accessDenied]]));
    }
  }

  private startTimer(): void {
    this.cancelTimer();
    this.cancelTimer = this.options.timers.after(HANDSHAKE_MS, () => {
      this.handshake = IDLE;
      if (this.session === undefined) this.options.onTimeout?.();
    });
  }
}
