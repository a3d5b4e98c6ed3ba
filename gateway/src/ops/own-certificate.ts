/** Takes the renewed certificate of this gateway while it runs: when it is told, and otherwise within a minute. */
import { readFileSync, statSync } from 'node:fs';
import { type Certificate, equalBytes, TimebandError, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { ConfigError, type LiveCredentials, openOwnCertificate } from '../config/index.js';

const LOOK_EVERY_MS = 60_000;

export interface OwnCertificateOptions {
  readonly file: string;
  readonly credentials: LiveCredentials;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string) => void };
  /** Tell everybody. */
  readonly renewed: (certificate: Certificate) => void;
}

/** What is in force, for `certificate install`. */
export interface OwnCertificateAnswer {
  readonly expires: number;
}

export class OwnCertificateWatch {
  private version: string;
  private cancel = (): void => undefined;

  constructor(private readonly options: OwnCertificateOptions) {
    this.version = versionOf(options.file);
  }

  start(): void {
    this.cancel = this.options.timers.after(LOOK_EVERY_MS, () => {
      if (versionOf(this.options.file) !== this.version) this.look();
      this.start();
    });
  }

  close(): void {
    this.cancel();
  }

  /** Reads the file now. One that is not good for this gateway changes nothing and is an alarm. */
  look(): OwnCertificateAnswer {
    const { file, credentials, wallClock, log, counters, renewed } = this.options;
    this.version = versionOf(file);
    const { key, trust, certificate: before } = credentials;
    try {
      const bytes = readFileSync(file);
      if (!equalBytes(bytes, before.bytes)) {
        const { site, subject: gateway } = before;
        const demand = { key, trust, site, gateway, now: Math.floor(wallClock()) };
        const certificate = openOwnCertificate(bytes, file, demand);
        credentials.renew(certificate);
        renewed(certificate);
        log.info({ expires: certificate.expires }, 'the certificate of this gateway was renewed');
      }
    } catch (error) {
      if (!isExpected(error)) throw error;
      counters.count('certificate/unusable');
      log.error(
        { reason: error.message },
        `ALARM: ${file} has changed and cannot be used; the old one still is`,
      );
    }
    return { expires: credentials.certificate.expires };
  }
}

function isExpected(error: unknown): error is Error {
  return (
    error instanceof TimebandError ||
    error instanceof ConfigError ||
    (error as Error & { syscall?: string }).syscall !== undefined
  );
}

function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return `${stat?.ino ?? 0} ${stat?.mtimeMs ?? 0} ${stat?.size ?? 0}`;
}
