/**
 * Who asks over HTTP, known by an account of the broker in one of its two ways: a password (HTTP Basic), or without one a
 * client certificate. Neither leaves a token that could outlive it: an account that is disabled, a password that is changed
 * and a certificate that ends count at the next request, on a connection that is open too.
 */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { isId } from '@timeband/protocol';
import type { Logger } from 'pino';
import { type Account, BrokerError, type ClientCertificate, clientCertificateOf } from '../broker/index.js';
import { ApiProblem, loginProblem } from './problem.js';

export interface HttpLoginOptions {
  /** The account with this name and password; its answer to a wrong one takes its time. @throws BrokerError */
  readonly logIn: (name: string, password: Uint8Array, remote: string) => Promise<Account | undefined>;
  /** Likewise of a client certificate that was shown in the handshake. @throws BrokerError */
  readonly logInByCertificate: (
    certificate: ClientCertificate,
    remote: string,
  ) => Promise<Account | undefined>;
  readonly log: Logger;
}

/** Whose request it is, and how that is known. */
export interface HttpLogin {
  readonly account: Account;
  readonly by: 'password' | 'certificate';
}

export class HttpLogins {
  /** Grows with each change of what certificates are believed. */
  private trust = 0;
  /** Under which of them a connection began: what it shows was checked then, and not again. */
  private readonly begun = new WeakMap<object, number>();

  constructor(private readonly options: HttpLoginOptions) {}

  connected(socket: TLSSocket): void {
    this.begun.set(socket, this.trust);
  }

  /** Certificates may be believed by another authority from now on: connections so far are asked to begin again. */
  trustChanged(): void {
    this.trust++;
  }

  /** @throws ApiProblem `api/credentials`, `api/certificate`, `api/busy`, `api/failed` */
  async logIn({ headers, socket }: IncomingMessage, remote: string): Promise<HttpLogin> {
    try {
      if (headers.authorization !== undefined) return await this.byPassword(headers.authorization, remote);
      const certificate = socket instanceof TLSSocket ? clientCertificateOf(socket) : undefined;
      if (certificate === undefined) {
        const ways = 'log in with an account of the broker (HTTP Basic), or with its client certificate';
        throw new ApiProblem('api/credentials', ways);
      }
      if (this.begun.get(socket) !== this.trust)
        throw new ApiProblem(
          'api/certificate',
          'the authority of certificates may have changed: connect again',
        );
      return await this.byCertificate(certificate, remote);
    } catch (error) {
      if (error instanceof BrokerError) throw loginProblem(error.code, 'nobody can log in just now');
      throw error;
    }
  }

  private async byPassword(authorization: string, remote: string): Promise<HttpLogin> {
    const [scheme = '', given = ''] = authorization.split(' ');
    if (scheme.toLowerCase() !== 'basic')
      throw new ApiProblem('api/credentials', 'log in with an account of the broker (HTTP Basic)');
    const credentials = Buffer.from(given, 'base64');
    const colon = credentials.indexOf(':');
    const name = credentials.toString('utf8', 0, Math.max(0, colon));
    const password = credentials.subarray(colon + 1);
    const account = colon < 1 ? undefined : await this.options.logIn(name, password, remote);
    if (account !== undefined) return { account, by: 'password' };
    throw new ApiProblem('api/credentials', 'no account with this name and password');
  }

  private async byCertificate(certificate: ClientCertificate, remote: string): Promise<HttpLogin> {
    const account = await this.options.logInByCertificate(certificate, remote);
    if (account !== undefined) return { account, by: 'certificate' };
    const { account: name, problem, fingerprint } = certificate;
    const why =
      problem === undefined ? unknown(name) : (PROBLEMS[problem] ?? `it cannot be believed (${problem})`);
    // What cannot be an account is left out: it may be anything.
    const claimed = name !== undefined && isId(name) ? name : undefined;
    this.options.log.warn(
      { account: claimed, remote, certificate: problem, fingerprint },
      `a client certificate was refused: ${why}`,
    );
    throw new ApiProblem('api/certificate', why);
  }
}

/** Whoever holds a certificate by the authority may hear which account it is for, and no more about that one. */
function unknown(name: string | undefined): string {
  if (name === undefined) return 'it names no account, or more than one';
  return `it is for "${name}", and no account of this name may log in by it`;
}

/** What is wrong, by OpenSSL's names (X509_V_ERR_…). */
const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has ended: have a new one made',
  CERT_NOT_YET_VALID: 'it is not good yet: look at the clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by its own key, and not by the authority of this gateway',
  SELF_SIGNED_CERT_IN_CHAIN: 'it is of another authority than that of this gateway',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'it is of another authority than that of this gateway',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it is of another authority than that of this gateway',
  UNABLE_TO_GET_ISSUER_CERT: 'it is of another authority than that of this gateway',
  CERT_SIGNATURE_FAILURE: 'its signature is not that of the authority of this gateway',
  INVALID_PURPOSE: 'it is not made for clients',
};
