/** Whether a CONNECT is let in, before aedes makes anything of it (MQTT 3.1.1 §3.1, §3.2.2.3). */
import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import type { Logger } from 'pino';
import { isId } from '@timeband/protocol';
import { type Account, loginOf } from './accounts.js';
import type { Acl, Login } from './acl.js';
import { BrokerError } from './errors.js';
import type { ListenerAddress } from './listeners/listeners.js';
import type { Connection } from './listeners/transport.js';
import type { AccountWatch } from './account-watch.js';
import type { Authenticator } from './authenticator.js';
import type { Counters } from './ports.js';
import { sessionKey, type SessionOwner, type Sessions } from './session.js';
import { hasWildcard } from './topic-filter.js';

/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const CODE = { identifier: 2, unavailable: 3, credentials: 4, notAuthorized: 5 } as const;

const MAX_CLIENT_ID = 64;

/** Where a client comes from. */
export interface Peer extends Pick<Connection, 'certificate'> {
  /** Address. */
  readonly remote: string;
  readonly listener: ListenerAddress;
}

interface Refusal {
  readonly code: (typeof CODE)[keyof typeof CODE];
  /** For the counter. */
  readonly cause: string;
  readonly message: string;
}

const ANONYMOUS: Refusal = {
  code: CODE.notAuthorized,
  cause: 'anonymous',
  message: 'log in with an account and its password, or with a client certificate',
};
const BAD_PASSWORD: Refusal = {
  code: CODE.credentials,
  cause: 'credentials',
  message: 'no account with this name and password',
};
const BAD_WILL: Refusal = {
  code: CODE.notAuthorized,
  cause: 'will',
  message: 'the account may not publish on the topic of its will',
};
const BAD_CERTIFICATE: Refusal = {
  code: CODE.notAuthorized,
  cause: 'certificate',
  message: 'no account with this certificate',
};

export interface AdmissionOptions {
  readonly authenticator: Pick<Authenticator, 'verify' | 'verifyCertificate'>;
  readonly sessions: Sessions;
  readonly acl: Pick<Acl, 'mayPublish'>;
  readonly watch: Pick<AccountWatch, 'admitted'>;
  readonly admitted: (client: Client, login: Login) => void;
  readonly log: Logger;
  readonly counters: Counters;
}

export class Admission {
  private readonly connects = new WeakMap<Client, ConnectPacket>();

  constructor(private readonly options: AdmissionOptions) {}

  /** aedes shows the CONNECT packet here only. */
  announce(client: Client, packet: ConnectPacket): void {
    this.connects.set(client, packet);
  }

  /** Lets the client in and opens its session. @returns the refusal for CONNACK otherwise */
  async admit(
    client: Client,
    peer: Peer,
    name: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<AuthenticateError | undefined> {
    const packet = this.connects.get(client);
    const refusal =
      packet === undefined
        ? { code: CODE.unavailable, cause: 'internal', message: 'no CONNECT' }
        : (unacceptable(packet) ?? (await this.logIn(client, packet, peer, name, password)));
    if (refusal === undefined) return undefined;
    this.options.counters.count('broker/refused', refusal.cause);
    this.options.log.warn(
      { ...trail(peer, name), cause: refusal.cause, certificate: peer.certificate?.problem },
      `connection refused: ${refusal.message}`,
    );
    return Object.assign(new Error(refusal.message), { returnCode: refusal.code });
  }

  private async logIn(
    client: Client,
    packet: ConnectPacket,
    peer: Peer,
    name: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<Refusal | undefined> {
    const { authenticator } = this.options;
    const { remote, certificate } = peer;
    try {
      let account: Account | undefined;
      if (password === undefined && certificate !== undefined) {
        account = await authenticator.verifyCertificate(certificate, name, remote);
        if (account === undefined) return BAD_CERTIFICATE;
      } else {
        if (name === undefined || password === undefined) return ANONYMOUS;
        account = await authenticator.verify(name, password, remote);
        if (account === undefined) return BAD_PASSWORD;
      }
      if (client.closed || client.conn.destroyed) {
        return { code: CODE.unavailable, cause: 'gone', message: 'the client left before it was let in' };
      }
      if (packet.will !== undefined && !this.mayLeave(account, packet.will)) return BAD_WILL;
      this.enter(client, packet, account);
      this.options.log.info(
        {
          ...trail(peer, account.name),
          role: account.role,
          by: password === undefined ? 'certificate' : 'password',
        },
        'logged in',
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof BrokerError)) this.options.log.error({ err: error }, 'a login failed by itself');
      const cause = error instanceof BrokerError ? error.code : 'internal';
      return {
        code: CODE.unavailable,
        cause,
        message: error instanceof Error ? error.message : 'login failed',
      };
    }
  }

  /** A will is published by its account, and on one topic. */
  private mayLeave(account: Account, { topic, retain = false }: NonNullable<ConnectPacket['will']>): boolean {
    if (topic === '' || hasWildcard(topic) || topic.startsWith('$')) return false;
    return this.options.acl.mayPublish(loginOf(account), topic, retain);
  }

  private enter(client: Client, packet: ConnectPacket, account: Account): void {
    const owner: SessionOwner = { ...loginOf(account), clientId: client.id };
    // From here on aedes knows the client by its account and id: nobody else's client can take it over.
    client.id = sessionKey(owner);
    this.options.sessions.open(client, owner, packet.clean === false);
    this.options.admitted(client, owner);
    this.options.counters.count('broker/connected');
    this.options.watch.admitted(client, account);
  }
}

/** Who a line of the log is about. What cannot be an account is left out: it may be a password in the wrong place. */
function trail({ remote, listener, certificate }: Peer, name: string | undefined) {
  const account = name ?? certificate?.account;
  const { kind, port } = listener;
  return {
    account: account !== undefined && isId(account) ? account : undefined,
    remote,
    listener: `${kind} ${port}`,
  };
}

/** What is wrong with a CONNECT whoever sends it. */
function unacceptable({ clientId, clean }: ConnectPacket): Refusal | undefined {
  if (clientId === '' && clean === false) {
    return {
      code: CODE.identifier,
      cause: 'client-id',
      message: 'a session that is to be kept needs a client id',
    };
  }
  if (clientId.length > MAX_CLIENT_ID || /\p{Cc}/u.test(clientId)) {
    const message = `a client id has at most ${MAX_CLIENT_ID} characters and no control characters`;
    return { code: CODE.identifier, cause: 'client-id', message };
  }
  return undefined;
}
