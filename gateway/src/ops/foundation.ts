/**
 * What every other part of the gateway stands on: its settings, keys and clock, the store with its event log, and what
 * records are judged by. Nothing here talks to anybody; what is missing or wrong is found before a door is opened.
 */
import { resolve } from 'node:path';
import { type GatewayClock, gatewayTopics, systemTimers, type Timers } from '@timeband/protocol';
import type { BandKey } from '@timeband/radio';
import type { Logger } from 'pino';
import { type Config, LiveCredentials, loadCredentials, siteFiles } from '../config/index.js';
import { EventLog, HeadMarker } from '../events/index.js';
import { Store } from '../store/index.js';
import { DeviceKeys, SiteRegister } from '../trust/index.js';
import type { Approvers, Assessor, Bands } from '../verify/index.js';
import { openApprovers, openAssessor, openBands } from './assessor.js';
import { openClock } from './clock.js';
import { CounterSet } from './counters.js';
import { readRadioFiles } from './radio.js';

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly timers?: Timers;
  readonly stopwatch?: Stopwatch | undefined;
  /** Where the configuration was read from; it goes into the backups. */
  readonly configFile?: string | undefined;
}

/** Is told how long things took, in milliseconds. */
export interface Stopwatch {
  /** A transaction of records and events. */
  readonly commit: (ms: number) => void;
  /** From reading the first of some records off their device to having them on disk. */
  readonly sync: (ms: number) => void;
}

export interface Foundation {
  /** What the gateway was started with. */
  readonly config: Config;
  /** The settings as they are now: what may change while the gateway runs is read from here. */
  readonly settings: { live: Config };
  readonly site: string;
  readonly gateway: string;
  readonly files: ReturnType<typeof siteFiles>;
  readonly topics: ReturnType<typeof gatewayTopics>;
  readonly log: Logger;
  readonly counters: CounterSet;
  readonly timers: Timers;
  readonly stopwatch: Stopwatch | undefined;
  /** Unix seconds, with fractions, right or wrong. */
  readonly wallClock: () => number;
  /** The same, and whether it may be gone by. */
  readonly clock: GatewayClock;
  readonly credentials: LiveCredentials;
  readonly deviceKeys: DeviceKeys;
  readonly radioBands: readonly BandKey[];
  readonly store: Store;
  readonly events: EventLog;
  readonly marker: HeadMarker;
  readonly bands: Bands;
  readonly approvers: Approvers;
  readonly assessor: Assessor;
}

/** The store is open after this, and closed when it throws. @throws ConfigError, StoreError */
export function openFoundation({
  config,
  log,
  timers = systemTimers,
  stopwatch,
}: GatewayOptions): Foundation {
  const { site, gateway } = config;
  const wallClock = (): number => Date.now() / 1_000;
  const files = siteFiles(config.dataDir);
  const credentials = new LiveCredentials(
    loadCredentials(config.dataDir, site, gateway, Math.floor(wallClock())),
  );
  const counters = new CounterSet();
  const clock = openClock(credentials, wallClock, timers, log.child({ name: 'clock' }));
  const { trust } = credentials;
  const register = SiteRegister.load(files, { site, trust });
  const deviceKeys = new DeviceKeys([
    ...(config.deviceKeys === undefined
      ? []
      : DeviceKeys.read(resolve(config.dataDir, config.deviceKeys), site)),
    ...register.deviceKeys(site),
  ]);
  const radioBands = readRadioFiles(config, register.bandKeys);
  const store = new Store(files.database);
  const events = new EventLog(store, credentials.key, credentials.certificate);
  const marker = new HeadMarker(files.headMarker, timers, (error) => {
    counters.count('store/head-marker');
    log.error(
      { err: error },
      `ALARM: the place of the newest event cannot be written to ${files.headMarker}`,
    );
  });
  try {
    marker.check(store);
    const bands = openBands(config, store, trust, deviceKeys, register);
    const approvers = openApprovers(config, trust, register);
    const assessor = openAssessor({ config, store, bands, approvers });
    return {
      ...{ config, settings: { live: config }, site, gateway, files, topics: gatewayTopics(site, gateway) },
      ...{ log, counters, timers, stopwatch, wallClock, clock, credentials, deviceKeys, radioBands },
      ...{ store, events, marker, bands, approvers, assessor },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}
