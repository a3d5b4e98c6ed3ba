/** A register as text: one entry a line, in base64url, after a line that says what it is (SPEC.md, Register). */
import { RegisterError } from '../errors.js';
import { Register, type RegisterOptions } from './register.js';

/** The first line of the file. */
export const REGISTER_HEADER = 'timeband-register 1';

/** Longest line that is looked at. */
const MAX_LINE = 16_384;

export interface ReadRegister {
  readonly register: Register;
  /** Characters of whole lines: what follows is the beginning of a line that was cut off by a loss of power. */
  readonly length: number;
}

/** An entry's line, with its newline. */
export function registerLine(entry: Uint8Array): string {
  return `${toBase64Url(entry)}\n`;
}

/**
 * Reads and verifies a whole register. A last line without its newline never counted and is left out.
 * @throws RegisterError
 */
export function readRegister(text: string, options: RegisterOptions): ReadRegister {
  const register = new Register(options);
  const length = text.lastIndexOf('\n') + 1;
  const [header, ...lines] = text.slice(0, Math.max(0, length - 1)).split('\n');
  if (header !== REGISTER_HEADER) {
    throw new RegisterError('register/shape', `no register: its first line is not "${REGISTER_HEADER}"`);
  }
  for (const line of lines) register.take(fromBase64Url(line));
  return { register, length };
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function fromBase64Url(line: string): Uint8Array {
  if (line.length > MAX_LINE || !/^[A-Za-z0-9_-]+$/.test(line) || line.length % 4 === 1) {
    throw new RegisterError('register/shape', 'a line that is no entry');
  }
  const binary = atob(line.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
