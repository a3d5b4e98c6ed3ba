/**
 * The event log: each commit made again from the store and held against its chain and its signature, each event
 * counted for its record (SPEC.md, Event, Receipt).
 */
import {
  concat,
  decodeCose,
  encode,
  encodeCommit,
  equalBytes,
  EventError,
  eventGenesis,
  externalAad,
  MerkleTree,
  TimebandError,
  toHex,
  verifySign1,
} from '@timeband/protocol';
import { type ChainedEvents, chainEvents, contentOf, type RebuiltContent, startOf } from '../events/index.js';
import type { CommitRow, EventSourceRow } from '../store/index.js';
import type { AuditContext } from './context.js';
import { RecordAccounting } from './record-accounting.js';
import type { Work } from './slices.js';
import { TreeHeads } from './tree-heads.js';

const TAG_SIGN1 = Uint8Array.of(0xd2);
/** Commits read at once, and events of a commit between two places where the work may rest. */
const PAGE = { commits: 64, events: 128 };

export class EventCheck {
  private readonly accounting: RecordAccounting;
  private readonly treeHeads: TreeHeads;
  private position = 0;
  private hash: Uint8Array | undefined;

  constructor(private readonly context: AuditContext) {
    this.accounting = new RecordAccounting(context);
    this.treeHeads = new TreeHeads(context);
  }

  *run(): Work {
    const { store, head, logs, findings } = this.context;
    for (let after = 0; after < head;) {
      const page = store.audit.commitsAfter(after, PAGE.commits).filter(({ last }) => last <= head);
      if (page.length === 0) break;
      for (const { first } of page) {
        const commit = store.commitOf(first);
        if (commit !== undefined) yield* this.check(commit);
        after = first;
      }
    }
    if (this.position < head) {
      findings.add({
        code: 'commit/missing',
        message: `the commits of events ${this.position + 1} to ${head} are not there`,
        event: this.position + 1,
      });
    }
    for (const log of logs.values()) {
      this.accounting.finish(log);
      yield 0;
    }
    this.treeHeads.finish();
  }

  private *check(commit: CommitRow): Work {
    const { store, findings } = this.context;
    const { first, last } = commit;
    if (first !== this.position + 1) {
      const isGap = first > this.position + 1;
      const message = isGap
        ? `the commits of events ${this.position + 1} to ${first - 1} are not there`
        : `two commits hold event ${first}`;
      findings.add({ code: isGap ? 'commit/missing' : 'commit/order', message, event: this.position + 1 });
    } else if (first > store.epochs.epochAt(first).base + 1) {
      this.checkPrevious(commit, this.hash);
    }
    const rows: EventSourceRow[] = [];
    for (let from = first; from <= last; from += PAGE.events) {
      rows.push(...this.count(from, Math.min(last, from + PAGE.events - 1)));
      yield Math.min(PAGE.events, last - from + 1);
    }
    this.position = Math.max(this.position, last);
    this.hash = commit.head;
    if (rows.length === last - first + 1) yield* this.verify(commit, rows);
    else this.treeHeads.interrupt(commit);
  }

  /** Reads events and counts their records. @returns those that can be made again */
  private count(first: number, last: number): readonly EventSourceRow[] {
    const { store, findings, logs } = this.context;
    const rows = store.events(first, last);
    if (rows.length === last - first + 1) {
      for (const row of rows) this.accounting.count(row);
      return rows;
    }
    const dangling = store.audit.danglingEvents(first, last);
    for (const { seq, log, logSeq: record } of dangling) {
      const device = logs.get(log)?.device;
      const message = `event ${seq} has lost its record, ${record} of ${device ?? 'a log that is not there'}`;
      findings.add({ code: 'record/missing', message, device, record, event: seq });
    }
    const there = new Set([...rows, ...dangling].map(({ seq }) => seq));
    for (let event = first; event <= last; event++) {
      if (there.has(event)) continue;
      findings.add({ code: 'event/missing', message: `event ${event} is not there`, event });
    }
    for (const row of [...rows, ...dangling].sort((a, b) => a.seq - b.seq)) this.accounting.count(row);
    return rows;
  }

  private *verify(commit: CommitRow, rows: readonly EventSourceRow[]): Work {
    const { store, findings, site, gateway } = this.context;
    const { first, last } = commit;
    const start = startOf(commit, store.epochs.epochAt(first), { site, gateway });
    const bytes: Uint8Array[] = [];
    const hashes: Uint8Array[] = [];
    for (let done = 0; done < rows.length; done += PAGE.events) {
      const contents = rows.slice(done, done + PAGE.events).flatMap((row) => this.contentOf(row) ?? []);
      const seq = start.seq + done;
      const chained = chainEvents({ ...start, seq, previous: hashes.at(-1) ?? start.previous }, contents);
      bytes.push(...chained.bytes);
      hashes.push(...chained.hashes);
      yield 0;
    }
    if (!equalBytes(hashes.at(-1) ?? start.previous, commit.head)) {
      const names = [...new Set(rows.map(({ device }) => device))];
      const device = names.length === 1 ? names[0] : undefined;
      const record = rows.length === 1 ? rows[0]?.logSeq : undefined;
      const message = `events ${first} to ${last}, of ${names.join(', ')}, are no longer those that were signed`;
      findings.add({ code: 'commit/altered', message, device, record, event: first });
      this.treeHeads.interrupt(commit);
      return;
    }
    this.checkSignature(commit, { bytes, hashes });
    for (const hash of hashes) this.treeHeads.add(start.epoch, hash);
  }

  private contentOf(row: EventSourceRow): RebuiltContent | undefined {
    try {
      return contentOf(row);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      const { device, logSeq: record, seq: event } = row;
      const message = `record ${record} of ${device}, which event ${event} is made of, is no record any more`;
      this.context.findings.add({ code: 'record/altered', message, device, record, event });
      return undefined;
    }
  }

  private checkSignature(commit: CommitRow, { bytes, hashes }: ChainedEvents): void {
    const { verifier, signers, findings, store, site } = this.context;
    const { first, last, recorded } = commit;
    const tree = new MerkleTree(hashes);
    const known = bytes.findIndex(({ length }) => length > 0);
    try {
      const message = encodeCommit(bytes.slice(0, known + 1), tree, commit)[known];
      const signer =
        message === undefined ? this.signerOfRoot(commit, tree.root) : verifier.verify(message).signer;
      const certificates = signers.filter(({ kid }) => equalBytes(kid, signer));
      const [certificate] = certificates;
      if (certificate === undefined) return;
      const { epoch, base } = store.epochs.epochAt(first);
      if (first === base + 1) {
        const { subject, thumbprint } = certificate;
        this.checkPrevious(commit, eventGenesis(site, subject, thumbprint, epoch));
      }
      if (!certificates.some(({ notBefore, expires }) => notBefore <= recorded && recorded < expires)) {
        const when = new Date(recorded * 1_000).toISOString();
        const text = `events ${first} to ${last} were signed at ${when}, when no certificate of the key held`;
        findings.add({ code: 'commit/expired', message: text, event: first });
      }
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      const text = `the signature of events ${first} to ${last} does not hold: ${error.message}`;
      findings.add({ code: 'commit/signature', message: text, event: first });
    }
  }

  /** Where no event of a commit is left to be verified by: the signature is over the root of their hashes. */
  private signerOfRoot({ protectedBytes, signature }: CommitRow, root: Uint8Array): Uint8Array {
    const { signers, site } = this.context;
    const message = decodeCose(concat(TAG_SIGN1, encode([protectedBytes, new Map(), null, signature])));
    const certificate = signers.find(({ kid }) => equalBytes(kid, message.kid));
    if (certificate === undefined) throw new EventError('event/signature', 'signed by nobody we know');
    verifySign1(message, certificate.key, externalAad('event', site), root);
    return certificate.kid;
  }

  private checkPrevious({ first, previous }: CommitRow, expected: Uint8Array | undefined): void {
    if (expected === undefined || equalBytes(previous, expected)) return;
    const message = `event ${first} goes on from ${toHex(previous).slice(0, 16)}…, which is not what stands before it`;
    this.context.findings.add({ code: 'commit/chain', message, event: first });
  }
}
