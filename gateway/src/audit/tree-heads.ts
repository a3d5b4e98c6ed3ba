/** The signed heads of the tree over each epoch, held against the events that are there (SPEC.md, Log tree). */
import { equalBytes, TimebandError, type TreeHead, verifyHead } from '@timeband/protocol';
import type { CommitRow } from '../store/index.js';
import type { AuditContext } from './context.js';
import { GrowingTree } from './growing-tree.js';

export class TreeHeads {
  private readonly heads = new Map<number, TreeHead>();
  private readonly tree = new GrowingTree();
  private epoch = 0;
  private readonly interrupted = new Set<number>();

  constructor(private readonly context: AuditContext) {
    for (const { epoch, bytes } of context.store.audit.treeHeads()) {
      const says = this.open(bytes);
      if (says?.epoch === epoch) this.heads.set(epoch, says);
      else this.blame(epoch, 'is signed by nobody we know');
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
