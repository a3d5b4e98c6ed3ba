/**
 * What goes down to a device: the policy it lacks, and to a band the receipt of what it last recorded (SPEC.md, Policy,
 * Put). Nothing of it is in a hurry, and no failure of it keeps a record waiting.
 */
import {
  call,
  COMMAND,
  decodeReceipt,
  DeviceKey,
  encodeReceipt,
  type HeldPolicy,
  KIND,
  MAX_GATT_PACKET_BYTES,
  MAX_PUT_BYTES,
  POLICY_TYPE,
  type PolicyDocument,
  PolicyError,
  PUT_PIECE_BYTES,
  type PutDocument,
  REFUSAL,
  sendPut,
  type SmpClient,
  SmpError,
  wrapPolicy,
  type ReceivedRecord,
} from '@timeband/protocol';
import type { OwnPunch } from './challenge.js';
import type { ReceiptSource, SyncContext } from './context.js';
import type { FaultReporter } from './faults.js';
import type { Introduced } from './introduce.js';
import { isRefusal } from './own-word.js';
import { Turns } from './turns.js';

/** After a failure it is tried again. */
const AGAIN_MS = 60_000;
/** What a piece leaves of the smallest buffer: header, the other fields, and what a session adds. */
const AROUND_A_PIECE_BYTES = 384 - PUT_PIECE_BYTES;
/** What keeps a thief out comes first. */
const ORDER = ['revocations', 'keys', 'primary', 'catalogue', 'rules'] as const;

/** A record that somebody may want a receipt of, in whose log it is. */
interface Act {
  readonly device: string;
  readonly record: number;
}

export class Downlink {
  private readonly turns = new Turns();
  /** The revision of our policy that this device was last compared with. */
  private compared = 0;
  private againAt = Infinity;
  private receiptOf: Act | undefined;

  constructor(
    private readonly client: SmpClient,
    private readonly context: SyncContext,
    private readonly introduced: Introduced,
    private readonly faults: FaultReporter,
  ) {}

  /** These records were sealed and are about to be acknowledged: a band is given the receipt of its newest act. */
  sealed(records: readonly ReceivedRecord[], ownPunch?: Pick<OwnPunch, 'seq'>): void {
    const { receipts, visit } = this.context;
    if (this.introduced.device.certificate.role !== 'band' || receipts === undefined) return;
    // While others wait only who has just acted, and perhaps waits to feel it, is given one.
    if (visit?.isCrowded === true && !visit.isPressed) return;
    const device = this.introduced.device.identity.device;
    const act = records.findLast(({ record }) => isAct(record));
    // What was pressed for counted in our own log: that is the event which says how many minutes it came to.
    if (ownPunch !== undefined) this.receiptOf = { device: this.context.gateway, record: ownPunch.seq };
    else if (act !== undefined) this.receiptOf = { device, record: act.seq };
  }

  /** Something is being handed down, or about to be. */
  get isBusy(): boolean {
    return this.turns.isRunning || this.receiptOf !== undefined;
  }

  /** Resolves when the link is needed again, or nothing more is handed down. */
  whenNeeded(): Promise<void> {
    return this.turns.whenWanted();
  }

  /** Makes one request, if there is something to hand down. @returns whether there was */
  step(): Promise<boolean> {
    const job = this.turns.isRunning ? undefined : this.nextJob();
    if (job !== undefined) this.turns.start(job);
    return this.turns.next();
  }

  private nextJob(): (() => Promise<void>) | undefined {
    const { policies, timers, receipts } = this.context;
    const { revision } = policies;
    if (this.compared !== revision || timers.now() >= this.againAt) {
      this.compared = revision;
      this.againAt = Infinity;
      return () => this.attempt(() => this.handDownPolicy());
    }
    const act = this.receiptOf;
    if (act === undefined || receipts === undefined) return undefined;
    this.receiptOf = undefined;
    return () => this.attempt(() => this.handDownReceipt(act, receipts));
  }

  /** What goes wrong is counted, and tried again later unless it would go wrong again. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.faults.report(error, this.introduced.device.identity.device);
      const isFinal = error instanceof PolicyError || isRefusal(error, REFUSAL.notTrusted);
      if (!isFinal) this.againAt = this.context.timers.now() + AGAIN_MS;
    }
  }

  private async handDownPolicy(): Promise<void> {
    const documents = [...this.context.policies.documents].sort(
      (a, b) => ORDER.indexOf(a.content.type) - ORDER.indexOf(b.content.type),
    );
    if (documents.length === 0) return;
    const held = await this.askWhatIsHeld();
    for (const document of documents) {
      if (held !== undefined && !isHeld(document, held)) await this.attempt(() => this.handDown(document));
    }
  }

  /** Nothing for a device that knows no policy. */
  private async askWhatIsHeld(): Promise<readonly HeldPolicy[] | undefined> {
    await this.turns.mine();
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
      throw new PolicyError(
        'policy/refused',
        `${content.type} of ${bytes.length} bytes do not fit a device`,
        {
          type: content.type,
          number,
        },
      );
    }
    await this.put({ what: 'policy', bytes });
    this.context.log.info(
      { device: identity.device, link: this.client.name, type: content.type, number },
      'handed a policy down',
    );
  }

  private async handDownReceipt({ device, record }: Act, receipts: ReceiptSource): Promise<void> {
    // A receipt stands under a signed head, and none is signed without a clock.
    if (this.context.clock.now() === undefined) return;
    const seq = await receipts.find(device, record);
    const bytes = seq === undefined ? undefined : await receipts.receipt(seq);
    if (bytes === undefined) return;
    await this.put({
      what: 'receipt',
      bytes: encodeReceipt({ ...decodeReceipt(bytes), certificate: undefined }),
    });
  }

  private put(document: PutDocument): Promise<void> {
    const buffer = Math.min(this.introduced.parameters.bufferBytes, MAX_GATT_PACKET_BYTES);
    const pieceBytes = Math.max(1, buffer - AROUND_A_PIECE_BYTES);
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

/** What its wearer did, and may want to show. */
function isAct(record: ReceivedRecord['record']): boolean {
  return !(record instanceof Error) && (record.kind === KIND.punch || record.kind === KIND.attest);
}

/** The device may have a newer one, from another gateway. */
function isHeld({ content, number }: PolicyDocument, held: readonly HeldPolicy[]): boolean {
  return held.some((other) => other.type === POLICY_TYPE[content.type] && other.number >= number);
}
