/** A centre and its keys, for databases that a gateway would take for its own. */
import { readFileSync } from 'node:fs';
import {
  type Certificate,
  issueCertificate,
  openIssuerCertificate,
  PrivateKey,
  TrustStore,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { type Centre, SITE } from '../../support/centre.js';
import type { BenchOptions } from '../figure.js';
import { fillDatabase } from './fill.js';

/** The year of records ends so long ago; what is taken in later is of the days since. */
const SINCE_DAYS = 30;

export interface CommunitySite {
  readonly site: string;
  readonly trust: TrustStore;
  readonly key: PrivateKey;
  readonly certificate: Certificate;
  readonly deviceKey: PrivateKey;
  readonly certify: (device: string, role: 'reader' | 'band', key: PrivateKey) => Certificate;
  /** Where the year of records ends, Unix seconds. */
  readonly since: number;
}

/** Who signs what is filled in, and whom a gateway of the centre believes. */
export function readSite({ files }: Centre): CommunitySite {
  const file = (name: string): Buffer => readFileSync(String(files[name]));
  const issuerKey = readPrivateKeyPem(file('issuerKey').toString());
  const issuer = openIssuerCertificate(file('issuerCertificate'));
  const trust = new TrustStore([issuer]);
  const deviceKey = PrivateKey.generate();
  const now = Math.floor(Date.now() / 1_000);
  return {
    ...{ site: SITE, trust, deviceKey, since: now - SINCE_DAYS * 86_400 },
    key: readPrivateKeyPem(file('gatewayKey').toString()),
    certificate: trust.verify(file('gatewayCertificate'), { roles: ['gateway'], site: SITE }),
    certify: (subject, role, key) =>
      trust.verify(
        issueCertificate(issuerKey, {
          ...{ issuer: SITE, subject, role, site: SITE, key: key.publicKey },
          ...{ notBefore: now - 86_400, expires: now + 86_400 },
        }),
        { roles: [role], site: SITE },
      ),
  };
}

/** Says how far it is, at each tenth. */
export function fill(file: string, records: number, site: CommunitySite, say: BenchOptions['say']): void {
  const started = performance.now();
  let told = 0;
  fillDatabase({
    ...{ ...site, file, records, until: site.since },
    certify: (device) => site.certify(device, 'band', site.deviceKey),
    progress: (done) => {
      if (done - told < records / 10) return;
      told = done;
      const rate = Math.round(done / ((performance.now() - started) / 1_000));
      say(`filled ${done.toLocaleString('en')} of ${records.toLocaleString('en')} records, ${rate}/s`);
    },
  });
}
