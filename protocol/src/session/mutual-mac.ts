/**
 * The handshake of devices that only MAC: both sides prove over two nonces that they have the device's session keys,
 * one a direction (SPEC.md, Session). It has no forward secrecy: who learns the device key later reads what was said.
 */
import { concat } from '../bytes.js';
import { decodeSequence, encode, encodeSequence } from '../cbor/index.js';
import { equalSecret, hkdfExtract, hmac256, randomBytes } from '../crypto/index.js';
import { CborError, SessionError } from '../errors.js';
import { isId } from '../ids.js';
import type { DeviceKey } from '../keys/index.js';
import { type Exporter, kdf } from './edhoc/index.js';

export const SESSION_NONCE_BYTES = 16;
const MAC_BYTES = 32;

/** The device has answered; the gateway has yet to prove itself. */
export interface AwaitingGatewayProof {
  readonly state: 'awaiting proof';
  readonly key: DeviceKey;
  readonly nonces: Nonces;
}

interface Nonces {
  readonly gateway: Uint8Array;
  readonly device: Uint8Array;
}

/** The device's answer to a gateway's nonce: its own nonce and its proof. */
export function answerNonce(
  key: DeviceKey,
  gateway: Uint8Array,
  device: Uint8Array = randomBytes(SESSION_NONCE_BYTES),
): { readonly next: AwaitingGatewayProof; readonly message: Uint8Array } {
  const nonces = { gateway, device };
  return {
    next: { state: 'awaiting proof', key, nonces },
    message: encodeSequence(device, deviceProof(key, nonces)),
  };
}

/**
 * Finds whose answer it is among the keys of a gateway's own devices: the answer itself does not say.
 * @throws SessionError `session/message`, `session/proof` when it is none of theirs
 */
export function findDevice(
  keys: Iterable<DeviceKey>,
  gateway: Uint8Array,
  message: Uint8Array,
): { readonly key: DeviceKey; readonly nonces: Nonces } {
  const [device, proof, ...rest] = read(message);
  if (!isBytes(device, SESSION_NONCE_BYTES) || !isBytes(proof, MAC_BYTES) || rest.length > 0)
    throw malformed();
  const nonces = { gateway, device };
  for (const key of keys) if (equalSecret(deviceProof(key, nonces), proof)) return { key, nonces };
  throw new SessionError('session/proof', 'a device that none of our keys belongs to');
}

/** The gateway's proof, with its id. */
export function proveGateway(key: DeviceKey, nonces: Nonces, id: string): Uint8Array {
  return encodeSequence(id, gatewayProof(key, nonces, id));
}

/** @returns the gateway's id @throws SessionError `session/message`, `session/proof` */
export function checkGateway({ key, nonces }: AwaitingGatewayProof, message: Uint8Array): string {
  const [id, proof, ...rest] = read(message);
  if (typeof id !== 'string' || !isId(id) || !isBytes(proof, MAC_BYTES) || rest.length > 0) throw malformed();
  if (!equalSecret(gatewayProof(key, nonces, id), proof)) {
    throw new SessionError('session/proof', 'the gateway does not have the key of this device');
  }
  return id;
}

/** What the session's keys are made of, on both sides: as EDHOC's exporter, from the keys and nonces. */
export function macExporter(key: DeviceKey, { gateway, device }: Nonces): Exporter {
  const secret = concat(key.keyFor('session', 'up'), key.keyFor('session', 'down'));
  const prk = hkdfExtract(concat(gateway, device), secret);
  return (label, context, length) => kdf(prk, label, context, length);
}

function deviceProof(key: DeviceKey, { gateway, device }: Nonces): Uint8Array {
  return hmac256(key.keyFor('session', 'up'), encode(['device', key.site, gateway, device]));
}

function gatewayProof(key: DeviceKey, { gateway, device }: Nonces, id: string): Uint8Array {
  return hmac256(key.keyFor('session', 'down'), encode(['gateway', key.site, id, gateway, device]));
}

function read(message: Uint8Array): readonly unknown[] {
  try {
    return decodeSequence(message).map(({ value }) => value);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw new SessionError('session/message', error.message, { cause: error.code });
  }
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

function malformed(): SessionError {
  return new SessionError('session/message', 'not a message of this handshake');
}
