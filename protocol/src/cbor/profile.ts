/** What may come from outside: bounds in either profile, and in the strict one a single form (SPEC.md, CBOR). */
export interface Profile {
  readonly name: string;
  /** Core deterministic form (RFC 8949 §4.2.1), and of the types only what {@link CborValue} has, in 32 bits. */
  readonly deterministic: boolean;
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Data items in all, keys among them, which also bounds what decoding allocates. */
  readonly maxItems: number;
  readonly maxMapEntries: number;
}

/** Records, seals, certificates, events: what is hashed or signed. */
export const STRICT: Profile = {
  name: 'strict',
  deterministic: true,
  maxBytes: 65_536,
  maxDepth: 12,
  maxItems: 4_096,
  maxMapEntries: 256,
};

/** SMP answers: real servers (zcbor) send maps and arrays of indefinite length, and keys in any order. */
export const LENIENT: Profile = {
  name: 'lenient',
  deterministic: false,
  maxBytes: 65_536,
  maxDepth: 12,
  maxItems: 4_096,
  maxMapEntries: 64,
};
