/**
 * The policy this box goes by: signed documents, each in a file, read at the start and again when a file changes.
 * What is in force is kept in the database, so an older file put back in its place is refused (SPEC.md, Policy).
 */
import { readFileSync, statSync } from 'node:fs';
import {
  equalBytes,
  openPolicy,
  type PolicyDocument,
  policyDigest,
  PolicyShelf,
  TimebandError,
  type Timers,
  toHex,
  type TrustStore,
} from '@timeband/protocol';
import type { Logger } from 'pino';
import type { PolicyRow, Store } from '../store/index.js';

export interface PoliciesOptions {
  readonly site: string;
  /** Files with one signed document each. */
  readonly files: readonly string[];
  /** Likewise, but they need not be there. */
  readonly optionalFiles?: readonly string[];
  readonly trust: TrustStore;
  /** Key id of the site's issuer. */
  readonly issuer: Uint8Array;
  readonly store: Pick<Store, 'policy'>;
  /** Unix seconds, while the clock may be gone by. */
  readonly now: () => number | undefined;
  readonly timers: Timers;
  readonly log: Logger;
  /** Is told of each document that is in force, at the start too. */
  readonly enforced?: ((document: PolicyDocument) => void) | undefined;
}

/** Files are looked at this often. */
const LOOK_EVERY_MS = 5_000;

export class Policies {
  private readonly shelf: PolicyShelf;
  private readonly seen = new Map<string, string>();
  private taken = 0;
  private cancel: () => void = () => undefined;

  constructor(private readonly options: PoliciesOptions) {
    const rows = options.store.policy.all();
    this.shelf = new PolicyShelf(rows);
    this.restore(rows);
  }

  /** Number of the site's revocation list, 0 while there is none: acks say it. */
  get revocations(): number {
    return this.shelf.numberOf(this.options.issuer, 'revocations');
  }

  /** Grows whenever a document came into force; 0 while there is none. */
  get revision(): number {
    return this.taken;
  }

  /** The site's primary gateway, where its issuer named one. */
  get primary(): string | undefined {
    for (const { content } of this.documents) if (content.type === 'primary') return content.gateway;
    return undefined;
  }

  /** What the site's issuer signed, of each type the newest: devices believe nobody else. */
  get documents(): readonly PolicyDocument[] {
    return this.shelf.documents.filter(({ signer }) => equalBytes(signer, this.options.issuer));
  }

  /** Reads the files, now and whenever one changes. */
  start(): void {
    const { files, optionalFiles = [] } = this.options;
    for (const file of [...files, ...optionalFiles]) this.look(file);
    this.cancel = this.options.timers.after(LOOK_EVERY_MS, () => {
      this.start();
    });
  }

  close(): void {
    this.cancel();
  }

  /** Looks now. */
  refresh(): void {
    this.cancel();
    this.start();
  }

  /** Takes a signed document. @throws PolicyError, CertificateError */
  take(bytes: Uint8Array): 'new' | 'known' {
    const document = this.open(bytes);
    const outcome = this.shelf.put(document);
    if (outcome === 'known') return outcome;
    const { signer, number, content, payload } = document;
    this.options.store.policy.put({
      signer,
      type: content.type,
      number,
      digest: policyDigest(payload),
      bytes,
    });
    this.enforce(document);
    this.options.log.info({ type: content.type, number, signer: toHex(signer) }, 'a policy is in force');
    return outcome;
  }

  /** What was in force before. One document may be signed by an issuer that another one introduces. */
  private restore(rows: readonly PolicyRow[]): void {
    let waiting = rows;
    for (let before = Infinity; waiting.length < before;) {
      before = waiting.length;
      waiting = waiting.filter(({ bytes }) => !this.isRestored(bytes));
    }
    for (const { bytes, type } of waiting) {
      this.attempt(`the stored ${type}`, () => {
        this.enforce(this.open(bytes));
      });
    }
  }

  private isRestored(bytes: Uint8Array): boolean {
    try {
      this.enforce(this.open(bytes));
      return true;
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return false;
    }
  }

  private open(bytes: Uint8Array): PolicyDocument {
    const { trust, site, now } = this.options;
    return openPolicy(bytes, trust, { site, now: now() });
  }

  private enforce(document: PolicyDocument): void {
    const { trust, now } = this.options;
    this.shelf.put(document);
    this.taken++;
    const { content, signer } = document;
    this.options.enforced?.(document);
    if (content.type === 'revocations') trust.revoke(signer, content.revocations);
    if (content.type === 'keys') {
      const by = trust.speaker(signer, now());
      for (const certificate of content.certificates) trust.introduce(certificate, by, now());
    }
  }

  private look(file: string): void {
    this.attempt(file, () => {
      const stat = statSync(file, { throwIfNoEntry: false });
      const version = stat === undefined ? 'missing' : `${stat.mtimeMs}/${stat.size}`;
      if (this.seen.get(file) === version) return;
      this.seen.set(file, version);
      if (stat === undefined && this.options.optionalFiles?.includes(file) === true) return;
      if (stat === undefined) this.options.log.warn({ file }, 'a policy file is missing');
      else this.take(readFileSync(file));
    });
  }

  /** A file that cannot be taken changes nothing: what was in force stays. */
  private attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const code = error instanceof TimebandError ? error.code : (error as NodeJS.ErrnoException).code;
      this.options.log.error({ what, code }, `policy not taken: ${(error as Error).message}`);
    }
  }
}
