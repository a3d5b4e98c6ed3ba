/** What the gateway judges records by, from what the technician brought and the store remembers. */
import { resolve } from 'node:path';
import type { TrustStore } from '@timeband/protocol';
import { type Config, loadCertificates, TagKeys } from '../config/index.js';
import type { Store } from '../store/index.js';
import { type DeviceKeys, Operators } from '../trust/index.js';
import { type Approvers, Assessor, Bands } from '../verify/index.js';

/** The bands that are known. @throws ConfigError */
export function openBands(config: Config, store: Store, trust: TrustStore, deviceKeys: DeviceKeys): Bands {
  const deviceKey = (device: string, thumbprint: Uint8Array) => deviceKeys.find(device, thumbprint);
  return new Bands({ site: config.site, store, trust, certificates: certificatesOf(config), deviceKey });
}

/** The operators whose certificates are here. @throws ConfigError */
export function openApprovers(config: Config, trust: TrustStore): Approvers {
  const operators = new Operators({ site: config.site, trust, certificates: certificatesOf(config) });
  return { operatorOf: (kid, at) => operators.find(kid, at), relyingParty: config.console };
}

/** What the technician brought and the store remembers, for telling what records prove. @throws ConfigError */
export function openAssessor(config: Config, store: Store, trust: TrustStore, bands: Bands): Assessor {
  const { site, dataDir, tagKeys } = config;
  return new Assessor({
    ...{ site, store, bands },
    approvers: openApprovers(config, trust),
    tagKeys: tagKeys === undefined ? undefined : TagKeys.load(resolve(dataDir, tagKeys)),
  });
}

function certificatesOf({ certificates, dataDir }: Config): readonly Uint8Array[] {
  return certificates === undefined ? [] : loadCertificates(resolve(dataDir, certificates));
}
