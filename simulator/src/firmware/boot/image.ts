/** Images as a bootloader reads them out of its slots (MCUboot, Image format): found whole, of the right key, or not at all. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { equalBytes } from '@timeband/protocol';

const MAGIC = 0x96f3b83d;
const HEADER_BYTES = 32;
const AREA = { protected: 0x6908, open: 0x6907 } as const;
const TLV = {
  keyHash: 0x01,
  publicKey: 0x02,
  sha256: 0x10,
  sha512: 0x12,
  ecdsa: 0x22,
  ed25519: 0x24,
  pure: 0x25,
  securityCounter: 0x50,
  /** Ours: the hardware it is for (SPEC.md, Firmware). */
  hardware: 0xa0,
} as const;

/** What a firmware's program says of itself, for a simulated device to act on: it comes up, or it does not. */
const UNHEALTHY = /TIMEBAND-SIM-UNHEALTHY:(hang|crash|sick)/;
export type Ailment = 'hang' | 'crash' | 'sick';

export interface SlotImage {
  /** Bytes of it all, from the header to the last entry. */
  readonly length: number;
  readonly version: string;
  readonly hash: Uint8Array;
  readonly securityCounter: number;
  /** Of the hardware that it is for, where it says so. */
  readonly hardware: string | undefined;
  readonly ailment: Ailment | undefined;
  readonly isAuthentic: (keys: readonly KeyObject[]) => boolean;
}

/** The image at the beginning of a slot; undefined where none is there whole, with the hash that it says. */
export function readSlotImage(slot: Uint8Array): SlotImage | undefined {
  const view = new DataView(slot.buffer, slot.byteOffset, slot.byteLength);
  if (slot.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) return undefined;
  const headerBytes = view.getUint16(8, true);
  const programEnd = headerBytes + view.getUint32(12, true);
  const sealed = readArea(slot, programEnd, AREA.protected);
  const regionEnd = sealed?.end ?? programEnd;
  const open = readArea(slot, regionEnd, AREA.open);
  if (open === undefined) return undefined;
  const region = slot.subarray(0, regionEnd);
  const entry = (type: number): Uint8Array | undefined => open.entries.get(type);
  const sha = entry(TLV.sha512) === undefined ? 'sha256' : 'sha512';
  const hash = entry(sha === 'sha256' ? TLV.sha256 : TLV.sha512);
  if (hash === undefined || !equalBytes(createHash(sha).update(region).digest(), hash)) return undefined;
  const counter = sealed?.entries.get(TLV.securityCounter);
  const hardware = sealed?.entries.get(TLV.hardware);
  const said = UNHEALTHY.exec(Buffer.from(slot.subarray(headerBytes, programEnd)).toString('latin1'));
  const build = view.getUint32(24, true);
  const version = `${view.getUint8(20)}.${view.getUint8(21)}.${view.getUint16(22, true)}`;
  return {
    ...{ length: open.end, hash: Uint8Array.from(hash) },
    version: build === 0 ? version : `${version}.${build}`,
    securityCounter: counter?.length === 4 ? Buffer.from(counter).readUInt32LE() : 0,
    hardware: hardware && new TextDecoder().decode(hardware),
    ailment: said?.[1] as Ailment | undefined,
    isAuthentic: (keys) => keys.some((key) => isSignedBy(key, sha, region, hash, entry)),
  };
}

/** Hash of a key, by which images name it. */
export function keyHash(key: KeyObject, sha: 'sha256' | 'sha512' = 'sha256'): Uint8Array {
  return createHash(sha).update(publicBytes(key)).digest();
}

function publicBytes(key: KeyObject): Uint8Array {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
}

function isSignedBy(
  key: KeyObject,
  sha: 'sha256' | 'sha512',
  region: Uint8Array,
  hash: Uint8Array,
  entry: (type: number) => Uint8Array | undefined,
): boolean {
  const named = entry(TLV.keyHash);
  const whole = entry(TLV.publicKey);
  const isNamed =
    (named !== undefined && equalBytes(named, keyHash(key, sha))) ||
    (whole !== undefined && equalBytes(whole, publicBytes(key)));
  if (!isNamed) return false;
  if (key.asymmetricKeyType === 'ed25519') {
    const signature = entry(TLV.ed25519);
    const signed = entry(TLV.pure) === undefined ? hash : region;
    return signature !== undefined && verify(null, signed, key, signature);
  }
  const signature = entry(TLV.ecdsa);
  return signature !== undefined && verify('sha256', region, key, signature);
}

function readArea(
  bytes: Uint8Array,
  at: number,
  magic: number,
): { readonly entries: ReadonlyMap<number, Uint8Array>; readonly end: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + 4 > bytes.length || view.getUint16(at, true) !== magic) return undefined;
  const end = at + view.getUint16(at + 2, true);
  if (end > bytes.length) return undefined;
  const entries = new Map<number, Uint8Array>();
  for (let next = at + 4; next + 4 <= end;) {
    const from = next + 4;
    next = from + view.getUint16(next + 2, true);
    if (next > end) return undefined;
    entries.set(view.getUint16(from - 4, true), bytes.subarray(from, next));
  }
  return { entries, end };
}

/** An image that nobody signed, as a factory burns it in: a program of so many bytes. */
export function factoryImage(version: string, programBytes = 10_000): Uint8Array {
  const [major = 0, minor = 0, revision = 0] = version.split('.').map(Number);
  const region = Buffer.alloc(HEADER_BYTES + programBytes, 0x5a);
  region.fill(0, 0, HEADER_BYTES);
  region.writeUInt32LE(MAGIC, 0);
  region.writeUInt16LE(HEADER_BYTES, 8);
  region.writeUInt32LE(programBytes, 12);
  region.writeUInt8(major, 20);
  region.writeUInt8(minor, 21);
  region.writeUInt16LE(revision, 22);
  const hash = createHash('sha256').update(region).digest();
  const entries = Buffer.alloc(8);
  entries.writeUInt16LE(AREA.open, 0);
  entries.writeUInt16LE(entries.length + hash.length, 2);
  entries.writeUInt16LE(TLV.sha256, 4);
  entries.writeUInt16LE(hash.length, 6);
  return Buffer.concat([region, entries, hash]);
}
