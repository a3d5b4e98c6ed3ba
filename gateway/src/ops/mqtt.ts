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

export interface ReloadableBroker extends Broker {
  /** Shows the certificate that the settings name, or shows anew the one it has. @throws ConfigError */
  readonly adopt: (config: Config) => void;
}

/** @throws BrokerError `broker/listen`; ConfigError when TLS lacks a file */
export async function startBroker({ config, clock, ...given }: MqttOptions): Promise<ReloadableBroker> {
  let current = config;
  const { site, gateway } = config;
  const { maxQueuedMessages, maxQueuedMb } = config.broker;
  const listeners = listenersOf(config.broker);
  const broker = await createBroker({
    ...given,
    ...{ site, gateway, listeners },
    tls: () => readTlsMaterial(current),
    limits: {
      queue: { messages: maxQueuedMessages, bytes: maxQueuedMb * 1_000_000 },
      packetBytes: config.broker.maxPacketBytes,
      subscriptions: config.broker.maxSubscriptions,
      publishPerSecond: config.broker.maxPublishRate,
      retained: config.broker.maxRetained,
      sessionDays: config.broker.sessionDays,
    },
    connections: {
      get total() {
        return current.broker.maxConnections;
      },
      get perAddress() {
        return current.broker.maxConnectionsPerAddress;
      },
    },
  });
  const become = ({ broker: { tls, maxConnections, maxConnectionsPerAddress } }: Config): void => {
    current = { ...config, broker: { ...config.broker, tls, maxConnections, maxConnectionsPerAddress } };
  };
  if (!listeners.some(({ kind }) => kind === 'tls' || kind === 'wss')) return { ...broker, adopt: become };
  const keep = (): CertificateKeeper =>
    new CertificateKeeper({ ...given, config: current, now: () => clock.now(), changed: broker.reload });
  let keeper = keep();
  await keeper.start();
  return {
    ...broker,
    adopt: (next) => {
      become(next);
      broker.reload();
      keeper.close();
      keeper = keep();
      void keeper.start();
    },
    close: () => {
      keeper.close();
      return broker.close();
    },
  };
}
