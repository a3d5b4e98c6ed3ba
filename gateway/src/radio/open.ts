/** The radio that a configuration names, with a session on every link that it opens. */
import { resolve } from 'node:path';
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { RadioConfig } from '../config/index.js';
import { forkRadio } from './process/fork.js';
import type { HeardBand } from './process/messages.js';
import type { RemoteLink } from './process/remote-link.js';
import { RadioService } from './process/radio-service.js';
import type { BandKey } from '@timeband/radio';

export interface OpenRadioOptions {
  readonly config: RadioConfig;
  /** The site's bands, see {@link readBandKeys}. */
  readonly bands: readonly BandKey[];
  readonly dataDir: string;
  readonly timers: Timers;
  readonly log: Logger;
  /** Begins a session unconditionally, and closes the link when the device has nothing more for us. */
  readonly visit: (link: RemoteLink) => Promise<void>;
  /** Bands that said something new. Hints, never events. */
  readonly heard: (bands: readonly HeardBand[]) => void;
}

/** Starts the radio process. */
export function openRadio({
  config,
  bands,
  dataDir,
  timers,
  log,
  visit,
  heard,
}: OpenRadioOptions): RadioService {
  const { snoop, maxConnections } = config;
  const service = new RadioService({
    port:
      'path' in config
        ? { kind: 'serial', path: config.path, baudRate: config.baudRate, flowControl: config.flowControl }
        : { kind: 'native', adapter: config.adapter },
    snoop: snoop === undefined ? undefined : resolve(dataDir, snoop),
    ...{ bands, maxConnections, timers, log },
    spawn: (handlers) => forkRadio(handlers),
    opened: (link) => void visit(link),
    heard,
  });
  service.start();
  return service;
}
