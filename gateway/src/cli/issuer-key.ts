/** Opens the issuer's key, where it is kept: not on a box. */
import { type PrivateKey, TimebandError } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { ConfigError, readSecret } from '../config/index.js';
import { readPassphrase } from '../ops/maintenance.js';
import { askSecret } from './ask-secret.js';

export interface IssuerKeyOptions {
  readonly issuerKey: string;
  readonly issuerPassphraseFile?: string;
}

/** @throws ConfigError, CommandFailure */
export async function openIssuerKey({
  issuerKey,
  issuerPassphraseFile,
}: IssuerKeyOptions): Promise<PrivateKey> {
  const pem = readSecret(issuerKey, 'It is the issuer.key that the site was made with.');
  const isEncrypted = pem.includes('ENCRYPTED');
  const passphrase = !isEncrypted
    ? undefined
    : issuerPassphraseFile === undefined
      ? await askSecret(`Passphrase of ${issuerKey}`, 'give --issuer-passphrase-file')
      : readPassphrase(issuerPassphraseFile);
  try {
    return readPrivateKeyPem(pem, passphrase);
  } catch (error) {
    if (error instanceof TimebandError) throw new ConfigError(`${issuerKey}: ${error.message}`);
    throw error;
  }
}
