/**
 * Keeps the broker's TLS certificate good while the gateway runs: makes a new one in time where the authority's key is on
 * the box, and says when the files have changed, whoever changed them.
 */
import { existsSync, statSync } from 'node:fs';
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { type Config, siteFiles } from '../config/index.js';
import { daysUntilEnd, openCertificate, renewServerCertificate, tlsFiles } from './site-certificates.js';

/** Days before its end from which a certificate is renewed. */
export const RENEW_DAYS = 30;
const LOOK_EVERY_MS = 60_000;
const RETRY_AFTER_MS = 6 * 3_600_000;

export interface CertificateKeeperOptions {
  readonly config: Pick<Config, 'dataDir' | 'broker' | 'site' | 'gateway'>;
  /** Unix seconds; nothing is made while the clock is not set. */
  readonly now: () => number | undefined;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string, detail?: string) => void };
  /** The files have changed: use them. What it throws is logged. */
  readonly changed: () => void;
}

export class CertificateKeeper {
  private readonly files: ReturnType<typeof tlsFiles>;
  private version: string;
  private notBeforeMs = 0;
  private cancel = (): void => undefined;
  private closed = false;

  constructor(private readonly options: CertificateKeeperOptions) {
    this.files = tlsFiles(options.config);
    this.version = this.versions();
  }

  /** Looks at once, and then every minute. Resolves after the first look. */
  async start(): Promise<void> {
    await this.renew();
    this.reload();
    if (!this.closed) this.cancel = this.options.timers.after(LOOK_EVERY_MS, () => void this.start());
  }

  close(): void {
    this.closed = true;
    this.cancel();
  }

  private async renew(): Promise<void> {
    const { config, log, counters, timers } = this.options;
    const now = this.options.now();
    const site = siteFiles(config.dataDir);
    if (!this.files.own || now === undefined || timers.now() < this.notBeforeMs) return;
    if (!existsSync(site.mqttAuthorityKey)) return;
    try {
      if (daysUntilEnd(openCertificate(this.files.certificate), now) >= RENEW_DAYS) return;
      const { validTo } = await renewServerCertificate(site, { ...config, now });
      log.info({ validTo }, 'the certificate of the broker was renewed');
    } catch (error) {
      this.notBeforeMs = timers.now() + RETRY_AFTER_MS;
      counters.count('tls/renew-failed');
      log.error({ err: error }, 'the certificate of the broker cannot be renewed; it is tried again later');
    }
  }

  private reload(): void {
    const version = this.versions();
    if (version === this.version || this.closed) return;
    this.version = version;
    try {
      this.options.changed();
    } catch (error) {
      this.options.counters.count('tls/reload-failed');
      this.options.log.error(
        { err: error },
        'the TLS files have changed and cannot be used; the old ones still are',
      );
    }
  }

  /** Changes whenever one of the files does. */
  private versions(): string {
    const { certificate, key, clientAuthority } = this.files;
    return [certificate, key, clientAuthority]
      .map((file) => statSync(file, { throwIfNoEntry: false }))
      .map((stat) => `${stat?.ino ?? 0} ${stat?.mtimeMs ?? 0} ${stat?.size ?? 0}`)
      .join();
  }
}
