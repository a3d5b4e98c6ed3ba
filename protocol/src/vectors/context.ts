/** What a case says that its receiver knows, read with types. A file that lacks something is wrong, not the bytes. */
import { fromHex } from '../bytes.js';
import { ALG, PrivateKey, type PublicKey } from '../crypto/index.js';
import { DeviceKey, type VerificationKey } from '../keys/index.js';
import { VectorFormatError, type Json, type VectorCase, type VectorFile } from './format.js';
import { bytesFromJson } from './json.js';

export class Context {
  constructor(
    private readonly file: VectorFile,
    private readonly values: Readonly<Record<string, Json>>,
    private readonly what: string,
  ) {}

  static of(file: VectorFile, { name, context = {} }: VectorCase): Context {
    return new Context(file, context, `"${name}"`);
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  text(name: string): string {
    const value = this.values[name];
    if (typeof value !== 'string') throw this.wrong(name, 'text');
    return value;
  }

  number(name: string): number {
    const value = this.values[name];
    if (typeof value !== 'number') throw this.wrong(name, 'a number');
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  bytes(name: string): Uint8Array {
    const bytes = bytesFromJson(this.values[name]);
    if (bytes === undefined) throw this.wrong(name, "bytes h'…'");
    return bytes;
  }

  list(name: string): readonly Json[] {
    const value = this.values[name];
    if (!Array.isArray(value)) throw this.wrong(name, 'a list');
    return value as readonly Json[];
  }

  bytesList(name: string): Uint8Array[] {
    return this.list(name).map((item) => {
      const bytes = bytesFromJson(item);
      if (bytes === undefined) throw this.wrong(name, "a list of bytes h'…'");
      return bytes;
    });
  }

  /** A list of maps. */
  maps(name: string): Context[] {
    return this.list(name).map((item, i) => {
      if (typeof item !== 'object' || item === null || Array.isArray(item))
        throw this.wrong(name, 'a list of maps');
      return new Context(this.file, item as Readonly<Record<string, Json>>, `${this.what}.${name}[${i}]`);
    });
  }

  /** A map inside. */
  inside(name: string): Context {
    const value = this.values[name];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong(name, 'a map');
    return new Context(this.file, value as Readonly<Record<string, Json>>, `${this.what}.${name}`);
  }

  /** The key of the file that the context names, with its private half. */
  privateKey(name: string): PrivateKey {
    const algorithm = this.algorithm(name);
    if (algorithm !== ALG.EdDSA && algorithm !== ALG.ES256) throw this.wrong(name, 'a key that signs');
    return PrivateKey.fromSecret(algorithm, this.secret(name));
  }

  publicKey(name: string): PublicKey {
    return this.privateKey(name).publicKey;
  }

  publicKeys(name: string): PublicKey[] {
    return this.list(name).map((_, i) => this.at(name, i).publicKey('key'));
  }

  /** What a message is checked with: a public key, or a device key of `site` and `device`. */
  verificationKey(name: string): VerificationKey {
    return this.algorithm(name) === ALG.HMAC256
      ? new DeviceKey(this.text('site'), this.text('device'), this.secret(name))
      : this.publicKey(name);
  }

  algorithm(name: string): number {
    return this.key(name).algorithm;
  }

  /** The 32 secret bytes of a key. */
  secret(name: string): Uint8Array {
    return fromHex(this.key(name).secret);
  }

  thumbprint(name: string): Uint8Array {
    return fromHex(this.key(name).thumbprint);
  }

  private key(name: string): NonNullable<VectorFile['keys']>[string] {
    const named = this.text(name);
    const key = this.file.keys?.[named];
    if (key === undefined) throw this.wrong(name, `a key of the file (${named})`);
    return key;
  }

  private at(name: string, index: number): Context {
    return new Context(this.file, { key: this.list(name)[index] ?? null }, `${this.what}.${name}[${index}]`);
  }

  private wrong(name: string, wanted: string): VectorFormatError {
    return new VectorFormatError(`${this.what}: context "${name}" is not ${wanted}`);
  }
}
