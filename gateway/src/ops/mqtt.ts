/** The broker as the configuration wants it, its certificate kept good while it runs. */
import type { GatewayClock } from '@timeband/protocol';
import { type Broker, type BrokerOptions, createBroker } from '../broker/index.js';
import { type Config, listenersOf } from '../config/index.js';
import { CertificateKeeper, readTlsMaterial } from '../tls/index.js';

type Fixed = 'site' | 'gateway' | 'listeners' | 'tls' | 'connections' | 'limits';

export interface MqttOptions extends Omit<BrokerOptions, Fixed | 'timers'> {
  readonly config: Config;
  readonly clock: Pick<GatewayClock, 'now'>;
  readonly timers: NonNullable<BrokerOptions['timers']>;
}

/** @throws BrokerError `broker/listen`; ConfigError when TLS lacks a file */
export async function startBroker({ config, clock, ...given }: MqttOptions): Promise<Broker> {
  const { site, gateway } = config;
  const { maxConnections, maxConnectionsPerAddress, maxQueuedMessages, maxQueuedMb } = config.broker;
  const listeners = listenersOf(config.broker);
  const broker = await createBroker({
    ...given,
    ...{ site, gateway, listeners },
    tls: () => readTlsMaterial(config),
    limits: {
      queue: { messages: maxQueuedMessages, bytes: maxQueuedMb * 1_000_000 },
      packetBytes: config.broker.maxPacketBytes,
      subscriptions: config.broker.maxSubscriptions,
      publishPerSecond: config.broker.maxPublishRate,
      retained: config.broker.maxRetained,
      sessionDays: config.broker.sessionDays,
    },
    connections: { total: maxConnections, perAddress: maxConnectionsPerAddress },
  });
  if (!listeners.some(({ kind }) => kind === 'tls' || kind === 'wss')) return broker;
  const keeper = new CertificateKeeper({
    ...given,
    config,
    now: () => clock.now(),
    changed: broker.reload,
  });
  await keeper.start();
  return {
    ...broker,
    close: () => {
      keeper.close();
      return broker.close();
    },
  };
}
