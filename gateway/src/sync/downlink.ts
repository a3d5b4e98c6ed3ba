/**
 * What goes down to a device: the policy it lacks, and to a band the receipt of what it last recorded (SPEC.md, Policy,
 * Put). Nothing of it is in a hurry, and no failure of it keeps a record waiting.
 */
import {
  call,
  COMMAND,
  DeviceKey,
  type HeldPolicy,
  MAX_PUT_BYTES,
  POLICY_TYPE,
  type PolicyDocument,
  PolicyError,
  PUT_PIECE_BYTES,
  type PutDocument,
  sendPut,
  type SmpClient,
  SmpError,
  wrapPolicy,
} from '@timeband/protocol';
import type { SyncContext } from './context.js';
import type { FaultReporter } from './faults.js';
import type { Introduced } from './introduce.js';
import { Turns } from './turns.js';

/** After a failure it is tried again. */
const AGAIN_MS = 60_000;
/** What a piece leaves of the smallest buffer: header, the other fields, and what a session adds. */
const AROUND_A_PIECE_BYTES = 384 - PUT_PIECE_BYTES;
/** What keeps a thief out comes first. */
const ORDER = ['revocations', 'keys', 'primary', 'catalogue', 'rules'] as const;

export class Downlink {
  private readonly turns = new Turns();
  /** The revision of our policy that this device has, as far as it takes any. */
  private given = 0;
  private notBefore = 0;
  private receiptOf: number | undefined;

  constructor(
    private readonly client: SmpClient,
    private readonly context: SyncContext,
    private readonly introduced: Introduced,
    private readonly faults: FaultReporter,
  ) {}

  /** A record of this device is acknowledged, of which its wearer is to have the receipt. */
  owesReceipt(seq: number): void {
    if (this.introduced.device.certificate.role === 'band') this.receiptOf = seq;
  }

  /** Makes one request, if there is something to hand down. @returns whether there was */
  async step(): Promise<boolean> {
    if (!this.turns.isRunning) {
      const job = this.nextJob();
      if (job === undefined) return false;
      this.turns.start(job);
    }
    await this.turns.next();
    return true;
  }

  private nextJob(): (() => Promise<void>) | undefined {
    const { policies, timers, receipts } = this.context;
    if (timers.now() < this.notBefore) return undefined;
    const { revision } = policies;
    if (this.given !== revision) {
      this.given = revision;
      return () => this.attempt(() => this.handDownPolicy());
    }
    const seq = this.receiptOf;
    if (seq !== undefined && receipts !== undefined) {
      this.receiptOf = undefined;
      return () => this.attempt(() => this.handDownReceipt(seq));
    }
    return undefined;
  }

  /** Runs part of a job. What goes wrong is counted, and tried again later unless the device refuses it for good. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.faults.report(error, this.introduced.device.identity.device);
      this.notBefore = this.context.timers.now() + AGAIN_MS;
      this.given = 0;
    }
  }

  private async handDownPolicy(): Promise<void> {
    const documents = [...this.context.policies.documents].sort(
      (a, b) => ORDER.indexOf(a.content.type) - ORDER.indexOf(b.content.type),
    );
    if (documents.length === 0) return;
    const held = await this.askWhatIsHeld();
    if (held === undefined) return;
    for (const document of documents) {
      if (!isHeld(document, held)) await this.attempt(() => this.handDown(document));
    }
  }

  /** Nothing for a device that knows no policy. */
  private async askWhatIsHeld(): Promise<readonly HeldPolicy[] | undefined> {
    try {
      return await call(this.client, COMMAND.policies, undefined);
    } catch (error) {
      if (error instanceof SmpError && error.code === 'smp/device') return undefined;
      throw error;
    }
  }

  private async handDown(document: PolicyDocument): Promise<void> {
    const { key, identity } = this.introduced.device;
    const { content, number } = document;
    const bytes = key instanceof DeviceKey ? wrapPolicy(key, document) : document.bytes;
    if (bytes.length > MAX_PUT_BYTES) {
      throw new PolicyError('policy/refused', `${content.type} of ${bytes.length} bytes do not fit a device`, {
        type: content.type,
        number,
      });
    }
    await this.put({ what: 'policy', bytes });
    this.context.log.info(
      { device: identity.device, link: this.client.name, type: content.type, number },
      'handed a policy down',
    );
  }

  private async handDownReceipt(seq: number): Promise<void> {
    const { receipts, clock } = this.context;
    if (receipts === undefined || clock.now() === undefined) return;
    const bytes = await receipts.compactOf(this.introduced.device.identity.device, seq);
    if (bytes !== undefined) await this.put({ what: 'receipt', bytes });
  }

  private put(document: PutDocument): Promise<void> {
    const room = this.introduced.parameters.bufferBytes - AROUND_A_PIECE_BYTES;
    const pieceBytes = Math.max(1, Math.min(PUT_PIECE_BYTES, room));
    return sendPut(
      document,
      async (piece) => {
        await this.turns.mine();
        return (await call(this.client, COMMAND.put, piece)).next;
      },
      pieceBytes,
    );
  }
}

/** The device may have a newer one, from another gateway. */
function isHeld({ content, number }: PolicyDocument, held: readonly HeldPolicy[]): boolean {
  return held.some((other) => other.type === POLICY_TYPE[content.type] && other.number >= number);
}

