/** The radio within the gateway: a session on every link that it opens, and a word at once when somebody calls for help. */
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { type Config, ConfigError, type RadioConfig } from '../config/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { BandKey } from '@timeband/radio';
import { HelpCalls, openRadio, type RadioService, readBandKeys } from '../radio/index.js';
import { Session, type SyncContext } from '../sync/index.js';

export interface StartRadioOptions {
  readonly config: RadioConfig;
  readonly bands: readonly BandKey[];
  readonly dataDir: string;
  readonly context: SyncContext;
  readonly ownLog: OwnLog;
  /** Hands a call that was heard to whoever listens, JSON. */
  readonly hint: (call: string) => void;
  readonly log: Logger;
}

/** What has to be right before the gateway opens its doors. @throws ConfigError */
export function readRadioFiles(
  { radio, dataDir }: Config,
  registered: readonly BandKey[],
): readonly BandKey[] {
  if (radio?.snoop !== undefined) {
    const file = resolve(dataDir, radio.snoop);
    try {
      closeSync(openSync(file, 'a', 0o600));
    } catch (error) {
      throw new ConfigError(`radio.snoop: ${(error as Error).message}`);
    }
  }
  const listed = radio?.bands === undefined ? [] : readBandKeys(resolve(dataDir, radio.bands));
  // The register is signed, a list is not.
  const known = new Set(registered.map(({ device }) => device));
  return [...registered, ...listed.filter(({ device }) => !known.has(device))];
}

export function startRadio(options: StartRadioOptions): RadioService {
  const { config, bands, dataDir, context, ownLog, hint, log } = options;
  const { timers, wallClock, counters } = context;
  const { service } = config;
  const buttonPunches = service === undefined ? undefined : { service, log: ownLog };
  const calls = new HelpCalls({
    ...{ timers, wallClock },
    announce: (call) => {
      counters.count('help-heard');
      log.warn({ device: call.device, rssi: call.rssi }, 'a call for help was heard');
      hint(JSON.stringify(call));
    },
  });
  return openRadio({
    ...{ config, bands, dataDir, timers, log },
    visit: (link) => new Session(link, { ...context, visit: link, buttonPunches }).run(),
    heard: (bands) => {
      calls.heard(bands);
    },
  });
}
