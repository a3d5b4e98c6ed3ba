/**
 * One connection to the broker of the city, or of the site's primary gateway: MQTT 3.1.1 by mqtt.js, with a clean session and without its reconnection,
 * so that its memory holds a window of messages and never a queue. What was not confirmed when it ends is forgotten
 * here and sent again from the event log.
 */
import type { Timers } from '@timeband/protocol';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { UplinkCredentials } from './credentials.js';
import { failureOf, UplinkFailure } from './failure.js';
import { PacketGuard } from './packet-guard.js';
import { TokenBucket } from './token-bucket.js';

const CONNECT_MS = 15_000;
/** A broker that is slower to grant a subscription is not there for us. */
const GRANT_MS = 15_000;
const CLOSE_MS = 2_000;
/** A policy document of the greatest size, with its topic. */
const MAX_PACKET_BYTES = 32 * 1024;
/** What comes from the city costs signatures to check: beyond so many messages its socket is not read for a while. */
const MESSAGES = { perSecond: 20, burst: 50 };
const SUBSCRIBE_REFUSED = 0x80;
/** Fixed header, lengths and identifier of a PUBLISH (MQTT 3.1.1 §3.3), at most. */
const OVERHEAD_BYTES = 9;

export interface CityLinkOptions {
  readonly url: string;
  readonly clientId: string;
  readonly credentials: UplinkCredentials;
  readonly keepAliveSeconds: number;
  /** Published by the broker, retained, when we are gone. */
  readonly will?: { readonly topic: string; readonly payload: string } | undefined;
  readonly timers: Timers;
  /** Gives up where it is. */
  readonly signal: AbortSignal;
  readonly message: (topic: string, payload: Uint8Array) => void;
  /** So many bytes were handed to the socket. */
  readonly sent: (bytes: number) => void;
}

export interface PublishOptions {
  readonly retain?: boolean;
  /** 1 unless told otherwise. */
  readonly qos?: 0 | 1;
  /** The broker confirmed it. Not called once the connection is gone. */
  readonly confirmed?: () => void;
}

type Connect = (url: string, options: IClientOptions) => MqttClient;

export class CityLink {
  /** Resolves when the connection is gone. */
  readonly ended: Promise<UplinkFailure>;
  private end: (failure: UplinkFailure) => void = () => undefined;
  private readonly client: MqttClient;
  private readonly allowance: TokenBucket;
  private state: 'opening' | 'open' | 'closing' | 'gone' = 'opening';

  /** Connects and logs in. @throws UplinkFailure */
  static async open(options: CityLinkOptions): Promise<CityLink> {
    // It takes a quarter of a second to load, and most commands never speak to a city.
    const { connect } = (await import('mqtt')).default;
    const link = CityLink.begin(options, connect);
    await link.connected();
    return link;
  }

  /** Certificates and keys that are none show at once. @throws UplinkFailure */
  private static begin(options: CityLinkOptions, connect: Connect): CityLink {
    try {
      return new CityLink(options, connect);
    } catch (error) {
      throw failureOf(error);
    }
  }

  private constructor(
    private readonly options: CityLinkOptions,
    connect: Connect,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.allowance = new TokenBucket(MESSAGES.perSecond, MESSAGES.burst, options.timers.now);
    this.client = connect(options.url, clientOptions(options));
    const guard = new PacketGuard(MAX_PACKET_BYTES);
    this.client.stream.on('data', (bytes: Uint8Array) => {
      const fault = guard.take(bytes);
      if (fault !== undefined) this.break(new UplinkFailure('uplink/hostile', `the broker sent ${fault}`));
    });
    this.client.handleMessage = ({ topic, payload }, done) => {
      this.receive(topic, Buffer.from(payload), done);
    };
    this.client.on('error', (error) => {
      this.fail(error);
    });
    options.signal.addEventListener('abort', () => {
      this.break(new UplinkFailure('uplink/lost', 'given up'));
    });
    this.client.on('close', () => {
      this.fail(new UplinkFailure('uplink/lost', 'the broker closed the connection'));
    });
  }

  /** Whether something can be sent. */
  get alive(): boolean {
    return this.state === 'open';
  }

  /**
   * Asks for what comes under these filters, at the QoS that stands with each.
   *
   * @throws UplinkFailure `uplink/denied` when the broker refuses one of them, `uplink/stalled` when it does not answer, or
   *   how the connection ended
   */
  async subscribe(filters: Readonly<Record<string, 0 | 1>>): Promise<void> {
    const cancel = this.options.timers.after(GRANT_MS, () => {
      this.fail(new UplinkFailure('uplink/stalled', 'the broker does not answer to a subscription'));
    });
    const topics = Object.keys(filters);
    const granted = new Promise<void>((resolve, reject) => {
      const wanted = Object.fromEntries(topics.map((topic) => [topic, { qos: filters[topic] ?? 0 }]));
      this.client.subscribe(wanted, (error, grants) => {
        const refused = grants?.find(({ qos }) => qos === SUBSCRIBE_REFUSED);
        if (error === null && refused === undefined) resolve();
        else {
          const asked = refused?.topic ?? topics.join(', ');
          reject(new UplinkFailure('uplink/denied', `the broker refuses to be asked for ${asked}`));
        }
      });
    });
    try {
      await Promise.race([granted, this.ended.then(rethrow)]);
    } finally {
      cancel();
    }
  }

  publish(topic: string, payload: Uint8Array | string, options: PublishOptions = {}): void {
    const { retain = false, qos = 1, confirmed } = options;
    if (!this.alive) return;
    const bytes =
      typeof payload === 'string'
        ? Buffer.from(payload)
        : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    this.client.publish(topic, bytes, { qos, retain }, (error) => {
      // The library says null where its types say nothing.
      if (!error && this.state !== 'gone') confirmed?.();
    });
    this.options.sent(OVERHEAD_BYTES + topic.length + bytes.length);
  }

  /** Ends it because of something that is wrong. */
  break(failure: UplinkFailure): void {
    this.fail(failure);
  }

  /** Says goodbye, after what is under way was confirmed; not for long. */
  async close(): Promise<void> {
    if (this.state === 'gone') return;
    this.state = 'closing';
    await new Promise<void>((resolve) => {
      const cancel = this.options.timers.after(CLOSE_MS, () => {
        this.client.stream.destroy();
        resolve();
      });
      this.client.end(false, {}, () => {
        cancel();
        resolve();
      });
    });
    this.state = 'gone';
    this.end(new UplinkFailure('uplink/lost', 'closed'));
  }

  private async connected(): Promise<void> {
    const connected = new Promise<void>((resolve) => {
      this.client.once('connect', () => {
        this.state = 'open';
        resolve();
      });
    });
    await Promise.race([connected, this.ended.then(rethrow)]);
  }

  private fail(error: unknown): void {
    if (this.state === 'gone') return;
    const wasOpen = this.state !== 'opening';
    this.state = 'gone';
    this.end(
      wasOpen && !(error instanceof UplinkFailure)
        ? new UplinkFailure('uplink/lost', (error as Error).message)
        : failureOf(error),
    );
    this.client.end(true);
  }

  private receive(topic: string, payload: Uint8Array, done: () => void): void {
    this.options.message(topic, payload);
    this.allowance.take(1);
    const rest = this.allowance.waitFor(1);
    if (rest > 0) this.options.timers.after(rest, done);
    else done();
  }
}

function rethrow(failure: UplinkFailure): never {
  throw failure;
}

function clientOptions(options: CityLinkOptions): IClientOptions {
  const { clientId, credentials, keepAliveSeconds, will } = options;
  const { username, password, ca, cert, key } = credentials;
  return {
    ...{ protocolVersion: 4, clientId, clean: true, reconnectPeriod: 0, connectTimeout: CONNECT_MS },
    ...{ keepalive: keepAliveSeconds, rejectUnauthorized: true },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(will !== undefined && {
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    }),
    wsOptions: { maxPayload: 2 * MAX_PACKET_BYTES },
  };
}
