/**
 * What is said in an open session: bodies in COSE_Encrypt0 under a key for each direction, counted, and bound to
 * their command and every answer to its request (SPEC.md, Session).
 */
import { decodeLenient, encode, entries, Fields } from '../cbor/index.js';
import { decryptCose0, encryptCose0, type Encrypt0Key, MAX_PARTIAL_IV } from '../cose/index.js';
import { SessionError, TimebandError } from '../errors.js';
import type { SmpPacket } from '../smp/index.js';
import type { Exporter } from './edhoc/index.js';

/** Labels for the exporter, in its private range (RFC 9528 §10.1). `up` is from the device. */
export const SESSION_LABEL = { keyUp: 32_768, ivUp: 32_769, keyDown: 32_770, ivDown: 32_771 } as const;
/** The exporter's context: these labels are anybody's, this one is ours. */
export const SESSION_CONTEXT = encode(['timeband', 1, 'session']);
const KEY_BYTES = 16;
const IV_BYTES = 13;

/** Messages in each direction before a new handshake is due: 2^24. */
export const MAX_SESSION_MESSAGES = MAX_PARTIAL_IV + 1;

/** What a body grows by at most, with the heads around it: see SPEC.md, Session. */
export const SESSION_OVERHEAD_BYTES = 28;

/** Which command a body belongs to, and in which direction: what `external_aad` says of it. */
export type Address = Pick<SmpPacket, 'op' | 'group' | 'id'>;

/** A body and its number among those of its direction. */
export interface Numbered {
  readonly counter: number;
  readonly payload: Uint8Array;
}

/** One end of an open session. */
export class SecureChannel {
  private readonly sending: Encrypt0Key;
  private readonly receiving: Encrypt0Key;
  private nextCounter = 0;
  private lastReceived = -1;

  /**
   * @param exported of the handshake that both sides completed
   * @param limit messages in each direction
   */
  constructor(
    exported: Exporter,
    side: 'device' | 'gateway',
    private readonly limit: number = MAX_SESSION_MESSAGES,
  ) {
    const directionKey = (key: number, iv: number): Encrypt0Key => ({
      key: exported(key, SESSION_CONTEXT, KEY_BYTES),
      iv: exported(iv, SESSION_CONTEXT, IV_BYTES),
    });
    const up = directionKey(SESSION_LABEL.keyUp, SESSION_LABEL.ivUp);
    const down = directionKey(SESSION_LABEL.keyDown, SESSION_LABEL.ivDown);
    [this.sending, this.receiving] = side === 'device' ? [up, down] : [down, up];
  }

  /**
   * Protects the payload of a packet. An answer names the counter of its `request`.
   * @returns the payload to send in its place
   * @throws SessionError `session/closed` when the session has carried all it may
   */
  seal(address: Address, payload: Uint8Array, request?: number): Numbered {
    if (this.nextCounter >= this.limit) {
      throw new SessionError('session/closed', 'the session has carried all the messages it may');
    }
    const counter = this.nextCounter++;
    const message = encryptCose0(this.sending, counter, aad(address, request), payload);
    return { counter, payload: encode(entries([0, message])) };
  }

  /**
   * Opens the payload of a packet, which has to be newer than all that were opened before.
   * @returns the payload that was sealed
   * @throws SessionError `session/message`, `session/proof`, `session/replay`
   */
  open(address: Address, payload: Uint8Array, request?: number): Numbered {
    const opened = this.decrypt(address, payload, request);
    if (opened.partialIv <= this.lastReceived) {
      throw new SessionError(
        'session/replay',
        `message ${opened.partialIv} came after ${this.lastReceived}`,
        {
          counter: opened.partialIv,
        },
      );
    }
    this.lastReceived = opened.partialIv;
    return { counter: opened.partialIv, payload: opened.plaintext };
  }

  private decrypt(
    address: Address,
    payload: Uint8Array,
    request: number | undefined,
  ): ReturnType<typeof decryptCose0> {
    try {
      const message = Fields.of(decodeLenient(payload), 'protected body').bytes(0);
      return decryptCose0(this.receiving, message, aad(address, request));
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      const code = error.code === 'cose/decrypt' ? 'session/proof' : 'session/message';
      throw new SessionError(code, error.message, { cause: error.code });
    }
  }
}

/** `external_aad`. Without the request's counter an answer held back could pass for that to a later request. */
function aad({ op, group, id }: Address, request: number | undefined): Uint8Array {
  const about = ['timeband', 1, 'session', op, group, id];
  return encode(request === undefined ? about : [...about, request]);
}
