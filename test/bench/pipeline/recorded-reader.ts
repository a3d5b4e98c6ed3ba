/**
 * A reader that plays its recording: answers SMP like a real one, in real frames, and signs a seal when asked. It is
 * the load of the benchmark, so it does as little else as it can.
 */
import {
  COMMAND,
  type Command,
  concat,
  type CborMap,
  decodeLenient,
  decodePacket,
  Deframer,
  encode,
  encodeFrame,
  encodePacket,
  type Link,
  type LinkHandlers,
  OP,
  type PrivateKey,
  randomBytes,
  signSeal,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { PAGE_RECORDS, type Recording } from './recording.js';
import { SITE } from '../site.js';

/** `{1: [` of a `records` answer with {@link PAGE_RECORDS} elements, whose byte strings follow. */
const PAGE_HEAD = Uint8Array.of(0xa1, 0x01, 0x98, PAGE_RECORDS);

export class RecordedReader implements Link {
  private handlers: LinkHandlers | undefined;
  private deframer: Deframer | undefined;
  private acked = 0;

  constructor(
    readonly name: string,
    private readonly key: PrivateKey,
    private readonly certificate: Uint8Array,
    private readonly recording: Recording,
  ) {}

  start(handlers: LinkHandlers): void {
    this.handlers = handlers;
    this.deframer = new Deframer({ packet: handlers.packet, fault: handlers.fault });
  }

  close(): Promise<void> {
    const handlers = this.handlers;
    this.handlers = undefined;
    handlers?.closed();
    return Promise.resolve();
  }

  send(packet: Uint8Array): void {
    const { op, group, id, sequence, payload } = decodePacket(packet);
    const body = decodeLenient(payload) as CborMap;
    const answer =
      group === TIMEBAND_GROUP
        ? this.answer(op === OP.read, id, body)
        : encode(
            new Map([
              ['buf_size', 2_048],
              ['buf_count', 1],
            ]),
          );
    const frame = encodeFrame(
      encodePacket({
        op: op === OP.read ? OP.readResponse : OP.writeResponse,
        group,
        id,
        sequence,
        payload: answer,
      }),
    );
    // As a port does it: the answer comes in a later turn of the loop.
    setImmediate(() => {
      if (this.handlers !== undefined) this.deframer?.push(frame);
    });
  }

  private answer(isRead: boolean, id: number, body: CborMap): Uint8Array {
    const { recording } = this;
    const is = <Q, A>(command: Command<Q, A>): boolean =>
      command.id === id && (command.op === 'read') === isRead;
    if (is(COMMAND.status)) {
      return encode(COMMAND.status.encodeAnswer({ head: recording.count, sealed: 0, boot: 3, full: false }));
    }
    if (is(COMMAND.records))
      return concat(PAGE_HEAD, recording.page(COMMAND.records.decodeRequest(body).from));
    if (is(COMMAND.seal))
      return encode(COMMAND.seal.encodeAnswer(this.seal(COMMAND.seal.decodeRequest(body))));
    if (is(COMMAND.ack)) {
      this.acked += 2 * PAGE_RECORDS;
      return encode(COMMAND.ack.encodeAnswer({ acked: this.acked }));
    }
    if (is(COMMAND.identity)) return encode(COMMAND.identity.encodeAnswer(this.identity()));
    if (is(COMMAND.certificate)) return encode(COMMAND.certificate.encodeAnswer(this.certificate));
    if (is(COMMAND.clockNonce)) return encode(COMMAND.clockNonce.encodeAnswer(randomBytes(8)));
    return encode(new Map());
  }

  private identity() {
    return {
      device: this.name,
      firmware: 'bench',
      hardware: 'bench',
      boot: 3,
      logId: this.recording.logId,
      epoch: 1,
      oldest: 1,
      acked: this.acked,
    };
  }

  private seal({ nonce, upto }: { nonce: Uint8Array; upto: number }): Uint8Array {
    const { logId } = this.recording;
    const first = this.acked + 1;
    return signSeal(this.key, SITE, {
      logId,
      first,
      last: upto,
      hashBefore: this.recording.hash(this.acked),
      hashLast: this.recording.hash(upto),
      nonce,
      boot: 3,
      uptime: 86_400 + this.recording.count,
      time: { quality: 'unset' },
    });
  }
}
