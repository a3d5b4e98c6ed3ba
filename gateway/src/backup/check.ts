/** Holds a backup against its manifest, and then its database against certificates alone. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, TimebandError } from '@timeband/protocol';
import { type ProgressOptions, verifyDatabase, type VerifyReport } from '../audit/index.js';
import { ConfigError, loadConfig, siteFiles, type SiteTrust, trustIn } from '../config/index.js';
import { judgeMarker } from '../events/index.js';
import { approversOf } from '../ops/assessor.js';
import { openSnapshot, type Store } from '../store/index.js';
import type { Approvers } from '../verify/index.js';
import { BackupError, checkFiles, CONFIG, DATABASE, type Manifest, readManifest } from './manifest.js';

export interface CheckedBackup {
  readonly manifest: Manifest;
  readonly trust: SiteTrust;
  readonly report: VerifyReport;
}

export interface CheckOptions {
  /** Whom to believe; the backup's own issuer unless given. */
  readonly trust?: SiteTrust | undefined;
  /** Whether SQLite goes over the file as well, which nobody else can work meanwhile. */
  readonly integrity?: boolean;
}

/**
 * @throws BackupError for one that is not what it says it is; what is wrong in its database stands in the report
 */
export async function checkBackup(
  dir: string,
  { trust, integrity }: CheckOptions = {},
  run: ProgressOptions = {},
): Promise<CheckedBackup> {
  const manifest = readManifest(dir);
  await checkFiles(dir, manifest);
  const believed = trust ?? ownTrust(dir);
  const snapshot = openSnapshot(join(dir, DATABASE));
  try {
    checkHead(snapshot.store, manifest);
    const report = await verifyDatabase(
      {
        ...{ store: snapshot.store, site: believed.issuer.site, trust: believed.trust },
        ...{ certificates: certificatesIn(dir), approvers: approversIn(dir, believed), integrity },
      },
      run,
    );
    return { manifest, trust: believed, report };
  } finally {
    snapshot.close();
  }
}

function checkHead(store: Store, { head }: Manifest): void {
  const verdict = judgeMarker(head && { ...head, hash: fromHex(head.hash) }, store);
  const isEmpty = head === undefined && store.lastCommit() === undefined;
  if (verdict === 'equal' || isEmpty) return;
  throw new BackupError('the database in the backup does not end with the event that the manifest names');
}

function ownTrust(dir: string): SiteTrust {
  const { issuerCertificate, rootCertificate } = siteFiles(dir);
  try {
    const root = existsSync(rootCertificate) ? readFileSync(rootCertificate) : undefined;
    return trustIn(readFileSync(issuerCertificate), root);
  } catch (error) {
    throw new BackupError(
      `the backup names no issuer that could be believed: ${(error as Error).message}. Give one with --issuer.`,
    );
  }
}

/** This gateway's, which an earlier version did not keep in the database. */
function certificatesIn(dir: string): readonly Uint8Array[] {
  const { gatewayCertificate } = siteFiles(dir);
  return existsSync(gatewayCertificate) ? [readFileSync(gatewayCertificate)] : [];
}

/** The operators whose certificates are in the backup. */
function approversIn(dir: string, { trust }: SiteTrust): Approvers | undefined {
  try {
    const config = loadConfig(join(dir, CONFIG), { env: {} });
    return approversOf({ ...config, dataDir: dir }, trust);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof TimebandError || 'syscall' in (error as Error)) {
      return undefined;
    }
    throw error;
  }
}
