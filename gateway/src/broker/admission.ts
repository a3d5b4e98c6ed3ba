/** Whether a CONNECT is let in, before aedes makes anything of it (MQTT 3.1.1 §3.1, §3.2.2.3). */
import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import type { Logger } from 'pino';
import type { Account } from './accounts.js';
import { BrokerError } from './errors.js';
import type { Counters } from './ports.js';
import { sessionKey, type SessionOwner, type Sessions } from './session.js';

/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const CODE = { identifier: 2, unavailable: 3, credentials: 4, notAuthorized: 5 } as const;

const MAX_CLIENT_ID = 64;
/** Seconds. A client that promises no sign of life would hold its connection long after it is gone. */
const MAX_KEEPALIVE_S = 1_800;

interface Refusal {
  readonly code: (typeof CODE)[keyof typeof CODE];
  /** For the counter. */
  readonly cause: string;
  readonly message: string;
}

export interface AdmissionOptions {
  readonly login: {
    verify(name: string, password: Uint8Array, remote: string): Promise<Account | undefined>;
  };
  readonly sessions: Sessions;
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
    remote: string,
    name: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<AuthenticateError | undefined> {
    const packet = this.connects.get(client);
    const refusal =
      packet === undefined
        ? { code: CODE.unavailable, cause: 'internal', message: 'no CONNECT' }
        : (unacceptable(packet) ?? (await this.logIn(client, packet, remote, name, password)));
    if (refusal === undefined) return undefined;
    this.options.counters.count('broker/refused', refusal.cause);
    this.options.log.warn({ remote, cause: refusal.cause }, `connection refused: ${refusal.message}`);
    return Object.assign(new Error(refusal.message), { returnCode: refusal.code });
  }

  private async logIn(
    client: Client,
    packet: ConnectPacket,
    remote: string,
    name: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<Refusal | undefined> {
    if (name === undefined || password === undefined) {
      return {
        code: CODE.notAuthorized,
        cause: 'anonymous',
        message: 'log in with an account and its password',
      };
    }
    try {
      const account = await this.options.login.verify(name, password, remote);
      if (account === undefined) {
        return {
          code: CODE.credentials,
          cause: 'credentials',
          message: 'no account with this name and password',
        };
      }
      if (client.closed || client.conn.destroyed) {
        return { code: CODE.unavailable, cause: 'gone', message: 'the client left before it was let in' };
      }
      this.enter(client, packet, account);
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

  private enter(client: Client, packet: ConnectPacket, { name, role }: Account): void {
    const owner: SessionOwner = { account: name, role, clientId: client.id };
    // From here on aedes knows the client by its account and id: nobody else's client can take it over.
    client.id = sessionKey(owner);
    this.options.sessions.open(client, owner, packet.clean === false);
    this.options.counters.count('broker/connected');
    this.options.log.info({ account: name, role, clientId: owner.clientId }, 'subscriber connected');
  }
}

/** What is wrong with a CONNECT whoever sends it. */
function unacceptable({ clientId, clean, keepalive, will }: ConnectPacket): Refusal | undefined {
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
  if (keepalive === undefined || keepalive === 0 || keepalive > MAX_KEEPALIVE_S) {
    const message = `the keep-alive time has to be 1 to ${MAX_KEEPALIVE_S} seconds`;
    return { code: CODE.notAuthorized, cause: 'keepalive', message };
  }
  // There is no topic that a client may publish on, so there is none for its will.
  if (will !== undefined)
    return { code: CODE.notAuthorized, cause: 'will', message: 'no account may leave a will' };
  return undefined;
}
