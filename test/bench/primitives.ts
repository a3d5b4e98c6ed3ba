/**
 * What this machine can do of the few things that everything else is made of, and the bound that follows for the
 * pipeline: no gateway or subscriber can be faster than the primitives each record cannot do without.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Deframer,
  decodeStrict,
  encode,
  encodeEvent,
  encodeFrame,
  encodeRecord,
  PrivateKey,
  randomBytes,
  sha256,
} from '@timeband/protocol';
import { Store } from '@timeband/gateway';
import { measureMqtt } from './mqtt-primitive.js';
import { microseconds } from './measure.js';
import { type Bench, type BenchOptions, figuresOf } from './figure.js';
import { COMMIT_EVENTS, sampleCommit, sampleEvent, sampleRecord } from './samples.js';

/** Microseconds of each primitive. */
export interface Primitives {
  readonly sign: number;
  readonly verify: number;
  readonly hash: number;
  readonly hashEvent: number;
  readonly decodeRecord: number;
  readonly decodeMessage: number;
  readonly encodeRecord: number;
  readonly encodeEvent: number;
  readonly encodeMessage: number;
  readonly deframe: number;
  readonly sqliteRow: number;
  /** Processor time of the broker and of the client for one message of an event's size. */
  readonly mqttPublish: number;
  readonly mqttReceive: number;
}

const SEAL_RECORDS = 50;

export async function measurePrimitives(say: BenchOptions['say']): Promise<Primitives> {
  const key = PrivateKey.generate();
  const message64 = randomBytes(64);
  const signature = key.sign(message64);
  const record = sampleRecord(123_456);
  const recordBytes = encodeRecord(record);
  const event = sampleEvent(123_456);
  const eventBytes = encodeEvent(event);
  const commit = sampleCommit();
  const eventMessage = commit.messages[COMMIT_EVENTS / 2] ?? new Uint8Array();
  const messageParts = decodeStrict(eventMessage) as Uint8Array[];
  const frame = encodeFrame(randomBytes(25 * (recordBytes.length + 2)));
  const deframer = new Deframer({ packet: () => undefined, fault: () => undefined });
  say('measuring signatures, hashes, CBOR and framing');
  const quick = {
    sign: microseconds(() => key.sign(message64)),
    verify: microseconds(() => key.publicKey.verify(message64, signature)),
    hash: microseconds(() => sha256(message64)),
    hashEvent: microseconds(() => sha256(eventBytes)),
    decodeRecord: microseconds(() => decodeStrict(recordBytes)),
    decodeMessage: microseconds(() => {
      for (const part of decodeStrict(eventMessage) as Uint8Array[]) {
        decodeStrict(part[0] === 0xd2 ? part.subarray(1) : part);
      }
    }),
    encodeRecord: microseconds(() => encodeRecord(record)),
    encodeEvent: microseconds(() => encodeEvent(event)),
    encodeMessage: microseconds(() => encode(messageParts)),
    deframe:
      microseconds(() => {
        deframer.push(frame);
      }) / 25,
  };
  say('measuring SQLite');
  const sqliteRow = measureSqlite(recordBytes);
  say('measuring MQTT between two processes');
  const mqtt = await measureMqtt(eventMessage.length);
  return { ...quick, sqliteRow, mqttPublish: mqtt.publishMicros, mqttReceive: mqtt.receiveMicros };
}

/** Rows as the gateway writes them, in its own tables, durable with each transaction of a commit's size. */
function measureSqlite(record: Uint8Array): number {
  const dir = mkdtempSync(join(tmpdir(), 'bench-sqlite-'));
  try {
    const store = new Store(join(dir, 'bench.db'));
    const hash = randomBytes(32);
    let seq = 0;
    const transaction = microseconds(() => {
      store.transaction(() => {
        for (let i = 0; i < COMMIT_EVENTS; i++) {
          seq++;
          store.insertRecord({ log: 1, seq, previous: hash, bytes: record }, 1);
          store.insertEvent({
            seq,
            log: 1,
            logSeq: seq,
            evidence: 0,
            time: { earliest: 1, latest: 2 },
            minutes: 5,
          });
        }
      });
    }, 300);
    store.close();
    return transaction / (2 * COMMIT_EVENTS);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Records per second that neither side can exceed. */
export function bounds(p: Primitives): { gateway: number; subscriber: number; bound: number } {
  const gatewayMicros =
    p.deframe +
    p.decodeRecord +
    2 * p.hash + // the chain
    p.verify / SEAL_RECORDS +
    p.encodeEvent +
    p.hashEvent + // the leaf
    p.hash + // an inner node
    p.encodeMessage +
    p.sign / COMMIT_EVENTS +
    2 * p.sqliteRow;
  // Delivery is left out of the gateway's sum: events do not go the way that aedes' publish measures, but in batches.
  const subscriberMicros =
    p.mqttReceive +
    p.decodeMessage +
    p.hashEvent +
    Math.ceil(Math.log2(COMMIT_EVENTS)) * p.hash +
    p.verify / COMMIT_EVENTS;
  const gateway = 1e6 / gatewayMicros;
  const subscriber = 1e6 / subscriberMicros;
  return { gateway, subscriber, bound: Math.min(gateway, subscriber) };
}

export const primitives: Bench = {
  name: 'primitives',
  about: 'signatures, hashes, CBOR, SQLite and MQTT on this machine',
  run: async ({ say }) => {
    const p = await measurePrimitives(say);
    const { gateway, subscriber } = bounds(p);
    const figure = figuresOf('primitives');
    return [
      figure('ed25519_sign_per_second', 1e6 / p.sign, '1/s'),
      figure('ed25519_verify_per_second', 1e6 / p.verify, '1/s'),
      figure('sha256_64_bytes_per_second', 1e6 / p.hash, '1/s'),
      figure('guard_decode_per_second', 1e6 / p.decodeRecord, '1/s'),
      figure('encode_per_second', 1e6 / p.encodeRecord, '1/s'),
      figure('deframe_records_per_second', 1e6 / p.deframe, '1/s'),
      figure('sqlite_rows_per_second', 1e6 / p.sqliteRow, '1/s'),
      figure('aedes_publishes_per_second', 1e6 / p.mqttPublish, '1/s'),
      figure('mqtt_receives_per_second', 1e6 / p.mqttReceive, '1/s'),
      figure('gateway_bound', gateway, 'records/s'),
      figure('subscriber_bound', subscriber, 'records/s'),
    ];
  },
};
