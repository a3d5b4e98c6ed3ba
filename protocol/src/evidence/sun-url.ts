/** The link that a phone or a simple reader finds in a tag's NDEF file, as a proof (NXP AN12196 §3.4). */
import { fromHex } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import {
  PICC_DATA_BYTES,
  SUN_MAC_BYTES,
  SUN_UID_BYTES,
  type EncryptedSunProof,
  type SunProof,
} from './proof.js';

/** Bytes of SDMReadCtr; in a link its most significant byte comes first. */
const COUNTER_BYTES = 3;
/** An NDEF file of the tag has 256 bytes. */
const MOST_CHARACTERS = 512;

/**
 * Reads `…?picc_data=…&cmac=…` or `…?uid=…&ctr=…&cmac=…`, in any order, beside other parameters.
 * @throws EvidenceError `evidence/shape`
 */
export function parseSunUrl(url: string): SunProof | EncryptedSunProof {
  if (url.length > MOST_CHARACTERS) throw new EvidenceError('evidence/shape', 'longer than a tag’s link');
  const query = new Map<string, string>();
  for (const pair of (url.split('#')[0] ?? '').split('?').slice(1).join('?').split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (query.has(name)) throw new EvidenceError('evidence/shape', 'a parameter that stands twice');
    query.set(name, value.join('='));
  }
  const mac = hexOf(query, 'cmac', SUN_MAC_BYTES);
  if (query.has('picc_data')) {
    return { kind: 'encrypted-sun', piccData: hexOf(query, 'picc_data', PICC_DATA_BYTES), mac };
  }
  const counter = hexOf(query, 'ctr', COUNTER_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
  return { kind: 'sun', uid: hexOf(query, 'uid', SUN_UID_BYTES), counter, mac };
}

function hexOf(query: ReadonlyMap<string, string>, name: string, length: number): Uint8Array {
  const text = query.get(name) ?? '';
  if (text.length !== 2 * length || !/^[0-9a-f]*$/i.test(text)) {
    throw new EvidenceError('evidence/shape', `${name} is not ${length} bytes in hexadecimal`);
  }
  return fromHex(text);
}
