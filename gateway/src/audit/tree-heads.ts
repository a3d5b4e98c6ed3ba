/** The signed heads of the tree over each epoch, held against the events that are there (SPEC.md, Log tree). */
import { equalBytes, TimebandError, type TreeHead, verifyHead } from '@timeband/protocol';
import type { CommitRow } from '../store/index.js';
import type { AuditContext } from './context.js';
import { GrowingTree } from './growing-tree.js';

/** Of the smallest subtrees that are kept: 256 events. */
const KEPT_LEVEL = 8;

export class TreeHeads {
  private readonly heads = new Map<number, TreeHead>();
  /** Of the newest signed head of each epoch: up to there the tree was made. */
  private readonly sizes = new Map<number, number>();
  private readonly tree = new GrowingTree((level, place, hash) => {
    this.checkNode(level, place, hash);
  });
  private epoch = 0;
  private readonly interrupted = new Set<number>();

  constructor(private readonly context: AuditContext) {
    for (const { epoch, bytes } of context.store.audit.treeHeads()) {
      const says = this.open(bytes);
      if (says?.epoch === epoch) {
        this.heads.set(epoch, says);
        this.sizes.set(epoch, says.size);
      } else this.blame(epoch, 'is signed by nobody we know');
    }
  }

  /** The next event of an epoch. */
  add(epoch: number, leaf: Uint8Array): void {
    if (epoch !== this.epoch) {
      this.tree.clear();
      this.epoch = epoch;
    }
    if (this.interrupted.has(epoch)) return;
    this.tree.add(leaf);
    const head = this.heads.get(epoch);
    if (head?.size !== this.tree.size) return;
    if (!equalBytes(head.root, this.tree.root ?? new Uint8Array())) {
      this.blame(epoch, `over ${head.size} events is another than theirs`);
    }
    this.heads.delete(epoch);
  }

  /** From here on the tree of this epoch cannot be made again; what is missing was said already. */
  interrupt({ first }: CommitRow): void {
    this.interrupted.add(this.context.store.epochs.epochAt(first).epoch);
  }

  /** After the last event: heads over more events than there are. */
  finish(): void {
    for (const [epoch, { size }] of this.heads) {
      if (!this.interrupted.has(epoch)) this.blame(epoch, `is over ${size} events, more than there are`);
    }
  }

  /** Those that are kept are what later heads and receipts are made of. */
  private checkNode(level: number, place: number, hash: Uint8Array): void {
    if (level < KEPT_LEVEL) return;
    const { store, findings } = this.context;
    const kept = store.logTree.node(this.epoch, level, place);
    const isDue = this.tree.size <= (this.sizes.get(this.epoch) ?? 0);
    if (kept === undefined ? !isDue : equalBytes(kept, hash)) return;
    const events = `${place * 2 ** level + 1} to ${(place + 1) * 2 ** level}`;
    const message = `the hash that is kept over events ${events} of epoch ${this.epoch} is ${kept === undefined ? 'not there' : 'another than theirs'}`;
    findings.add({ code: 'tree/node', message });
  }

  private open(bytes: Uint8Array): TreeHead | undefined {
    for (const signer of this.context.signers) {
      try {
        return verifyHead(bytes, signer);
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
      }
    }
    return undefined;
  }

  private blame(epoch: number, message: string): void {
    this.context.findings.add({ code: 'tree/head', message: `the signed head of epoch ${epoch} ${message}` });
  }
}
