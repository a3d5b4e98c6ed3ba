/** The files with which this box shows itself to the city, and by which it knows the city. Read for each connection. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BRING_IT, ConfigError, readSecret, type UplinkConfig } from '../config/index.js';
import { UplinkFailure } from './failure.js';

export interface UplinkCredentials {
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  /** PEM. Without it the public authorities count. */
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

export type CredentialFiles = Pick<UplinkConfig, 'user' | 'passwordFile' | 'ca' | 'cert' | 'key'>;

/** @throws UplinkFailure `uplink/files` when one is missing or can be read by others */
export function readUplinkCredentials(config: CredentialFiles, dataDir: string): UplinkCredentials {
  const { user, passwordFile, ca, cert, key } = config;
  const open = (file: string | undefined): Buffer | undefined =>
    file === undefined ? undefined : readFileSync(resolve(dataDir, file));
  const secret = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : readSecret(resolve(dataDir, file), BRING_IT);
  try {
    const password = secret(passwordFile)?.replace(/\r?\n$/, '');
    const keyText = secret(key);
    return {
      username: user,
      password: password === undefined ? undefined : Buffer.from(password),
      ca: open(ca),
      cert: open(cert),
      key: keyText === undefined ? undefined : Buffer.from(keyText),
    };
  } catch (error) {
    if (error instanceof ConfigError || (error as NodeJS.ErrnoException).syscall !== undefined) {
      throw new UplinkFailure('uplink/files', (error as Error).message);
    }
    throw error;
  }
}
