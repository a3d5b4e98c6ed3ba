/** Why there is no connection to the city, told apart so that a person knows what to do (SPEC.md, Uplink). */

/** What becomes of it: `waiting` mends itself, `refused` needs somebody, `blocked` needs somebody at this box. */
export type FailureState = 'waiting' | 'refused' | 'blocked';

interface Cause {
  readonly state: FailureState;
  /** What to do. */
  readonly remedy: string;
}

const CAUSES = {
  'uplink/dns': {
    state: 'waiting',
    remedy: 'Check the address in uplink.url and that this box reaches a name server.',
  },
  'uplink/unreachable': {
    state: 'waiting',
    remedy: 'Check network and firewall, and that the broker runs.',
  },
  'uplink/unavailable': { state: 'waiting', remedy: 'The broker says that it cannot serve just now.' },
  'uplink/lost': { state: 'waiting', remedy: 'The connection ended; it is made again.' },
  'uplink/stalled': { state: 'waiting', remedy: 'The broker stopped confirming. Check its disk and load.' },
  'uplink/hostile': {
    state: 'waiting',
    remedy: 'The broker sent what no broker should. Check that the address is the right one.',
  },
  'uplink/read': { state: 'waiting', remedy: 'The database of this box cannot be read. Check its disk.' },
  'uplink/tls': {
    state: 'refused',
    remedy:
      'Check uplink.ca, cert and key, the certificate of the broker and its name, and the clock of this box.',
  },
  'uplink/login': {
    state: 'refused',
    remedy: 'Check uplink.user and passwordFile, and the account at the broker.',
  },
  'uplink/denied': {
    state: 'refused',
    remedy:
      'The account at the broker must be allowed to read tb/1/SITE/GATEWAY/head, certificate and policy/+ and to write below tb/1/SITE/GATEWAY.',
  },
  'uplink/rejected': { state: 'refused', remedy: 'Check uplink.clientId: the broker does not take it.' },
  'uplink/files': { state: 'refused', remedy: 'Put the file right; nothing has to be started again.' },
  'uplink/fork': {
    state: 'blocked',
    remedy:
      'Nothing is published. If this box was restored from a backup, restore a newer one or begin a new epoch: timeband-gateway restore --new-epoch. If it is a copy, switch one of the two off.',
  },
} as const satisfies Readonly<Record<string, Cause>>;

export type UplinkFailureCode = keyof typeof CAUSES;

export class UplinkFailure extends Error {
  override readonly name = 'UplinkFailure';
  readonly state: FailureState;
  readonly remedy: string;

  constructor(
    readonly code: UplinkFailureCode,
    message: string,
  ) {
    super(message);
    ({ state: this.state, remedy: this.remedy } = CAUSES[code]);
  }
}

/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const CONNACK: ReadonlyMap<unknown, UplinkFailureCode> = new Map<unknown, UplinkFailureCode>([
  [1, 'uplink/rejected'],
  [2, 'uplink/rejected'],
  [3, 'uplink/unavailable'],
  [4, 'uplink/login'],
  [5, 'uplink/login'],
]);
const DNS = /^(ENOTFOUND|EAI_)/;
const NETWORK = /^E(CONN|TIMEDOUT|HOST|NET|PIPE|ADDR|ACCES|PERM)/;
/** OpenSSL's words for certificates, and node's for everything else of TLS. */
const TLS =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$|CERT_|CRL_|.*_CERT|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))/;

/** What an error while the connection was made means. */
export function failureOf(error: unknown): UplinkFailure {
  if (error instanceof UplinkFailure) return error;
  const { code, message } = error as { code?: unknown; message?: string };
  return new UplinkFailure(causeOf(code), message === undefined || message === '' ? String(code) : message);
}

function causeOf(code: unknown): UplinkFailureCode {
  const name = String(code);
  if (DNS.test(name)) return 'uplink/dns';
  if (NETWORK.test(name)) return 'uplink/unreachable';
  if (TLS.test(name)) return 'uplink/tls';
  return CONNACK.get(code) ?? 'uplink/unreachable';
}
