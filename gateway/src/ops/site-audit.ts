/** Accounts for a site's database while no gateway runs on it, in a copy, so that nothing is changed. */
import { existsSync, readFileSync } from 'node:fs';
import { TimebandError } from '@timeband/protocol';
import {
  type AuditReport,
  type ProgressOptions,
  reconcile,
  verifyDatabase,
  type VerifyReport,
} from '../audit/index.js';
import { type Config, ConfigError, loadTrust, siteFiles, type SiteTrust } from '../config/index.js';
import { openSnapshot, StoreError } from '../store/index.js';
import { approversOf } from './assessor.js';

/** @throws ConfigError, StoreError where there is no database, or a running gateway holds it */
export async function reconcileSite(
  { dataDir, uplink }: Pick<Config, 'dataDir' | 'uplink'>,
  run: ProgressOptions = {},
): Promise<AuditReport> {
  const files = siteFiles(dataDir);
  const { trust, issuer } = siteTrust(dataDir);
  if (!existsSync(files.database)) {
    throw new StoreError(`${files.database} is not there: nothing was ever stored`);
  }
  const snapshot = openSnapshot(files.database);
  try {
    return await reconcile(
      {
        ...{ store: snapshot.store, site: issuer.site, trust, certificates: ownCertificates(dataDir) },
        ...{ hasUplink: uplink !== undefined, markerFile: files.headMarker },
      },
      run,
    );
  } finally {
    snapshot.close();
  }
}

/**
 * Verifies a database by certificates alone.
 * @param file a copy of the site's database
 * @param believed whom to believe; the site's own issuer unless given
 * @throws ConfigError, StoreError
 */
export async function verifySite(
  config: Config,
  file: string,
  believed: SiteTrust | undefined,
  run: ProgressOptions = {},
): Promise<VerifyReport> {
  const { dataDir } = config;
  const { trust, issuer } = believed ?? siteTrust(dataDir);
  const snapshot = openSnapshot(file);
  try {
    return await verifyDatabase(
      {
        ...{ store: snapshot.store, site: issuer.site, trust, certificates: ownCertificates(dataDir) },
        approvers: approversOf(config, trust),
        integrity: true,
      },
      run,
    );
  } finally {
    snapshot.close();
  }
}

/** Whom a site's folder says to believe. @throws ConfigError */
export function siteTrust(dataDir: string): SiteTrust {
  try {
    return loadTrust(siteFiles(dataDir));
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new ConfigError(`${dataDir}: ${error.message} (${error.code})`);
  }
}

/** This gateway's, which an earlier version did not keep in the database. */
export function ownCertificates(dataDir: string): readonly Uint8Array[] {
  const { gatewayCertificate } = siteFiles(dataDir);
  return existsSync(gatewayCertificate) ? [readFileSync(gatewayCertificate)] : [];
}
