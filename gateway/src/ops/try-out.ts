/** Whether the files are there and good that settings name, before the settings are put to work. */
import { resolve } from 'node:path';
import { type Config, listenersOf } from '../config/index.js';
import { readTlsMaterial } from '../tls/index.js';
import { readUplinkCredentials } from '../uplink/index.js';
import { readPassphrase } from './maintenance.js';

/** @throws ConfigError, UplinkFailure */
export function tryOut(config: Config): void {
  const { dataDir, broker, uplink, storage, api } = config;
  const hasTls = listenersOf(broker).some(({ kind }) => kind === 'tls' || kind === 'wss');
  if (hasTls || api?.tls === true) readTlsMaterial(config);
  if (uplink !== undefined) readUplinkCredentials(uplink, dataDir);
  const passphrase = storage.backup?.passphraseFile;
  if (passphrase !== undefined) readPassphrase(resolve(dataDir, passphrase));
}
