/** What the gateway judges records by, from what the technician brought and the store remembers. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TrustStore } from '@timeband/protocol';
import { type Config, loadCertificates, siteFiles, TagKeys } from '../config/index.js';
import type { Store } from '../store/index.js';
import { type DeviceKeys, Operators, SiteRegister } from '../trust/index.js';
import { type Approvers, Assessor, Bands } from '../verify/index.js';

/** The bands that are known. @throws ConfigError */
export function openBands(
  config: Config,
  store: Store,
  trust: TrustStore,
  deviceKeys: DeviceKeys,
  brought: Brought,
): Bands {
  const deviceKey = (device: string, thumbprint: Uint8Array) => deviceKeys.find(device, thumbprint);
  const certificates = certificatesOf(config, brought);
  return new Bands({ site: config.site, store, trust, certificates, deviceKey });
}

/** The operators whose certificates are here. @throws ConfigError */
export function openApprovers(config: Config, trust: TrustStore, brought: Brought): Approvers {
  const certificates = certificatesOf(config, brought);
  const operators = new Operators({ site: config.site, trust, certificates });
  return { operatorOf: (kid, at) => operators.find(kid, at), relyingParty: config.console };
}

/** The same for a site that no gateway runs on; undefined where nobody brought certificates. @throws ConfigError */
export function approversOf(config: Config, trust: TrustStore): Approvers | undefined {
  const files = siteFiles(config.dataDir);
  if (config.certificates === undefined && !existsSync(files.register)) return undefined;
  return openApprovers(config, trust, SiteRegister.load(files, { site: config.site, trust }));
}

export interface AssessorParts {
  readonly config: Config;
  readonly store: Store;
  readonly bands: Bands;
  readonly approvers: Approvers;
}

/** What the technician brought and the store remembers, for telling what records prove. @throws ConfigError */
export function openAssessor({ config, store, bands, approvers }: AssessorParts): Assessor {
  const { site, dataDir, tagKeys } = config;
  return new Assessor({
    ...{ site, store, bands },
    approvers,
    tagKeys: tagKeys === undefined ? undefined : TagKeys.load(resolve(dataDir, tagKeys)),
  });
}

/** The site's register, as far as certificates go. */
type Brought = Pick<SiteRegister, 'certificates'>;

function certificatesOf({ certificates, dataDir }: Config, brought: Brought): readonly Uint8Array[] {
  const inFolder = certificates === undefined ? [] : loadCertificates(resolve(dataDir, certificates));
  return [...inFolder, ...brought.certificates];
}
