/** Why there is no connection to the primary gateway, told apart so that a person knows what to do. */
import type { UplinkFailure, UplinkFailureCode } from '../uplink/index.js';

export type PeerFailureCode = UplinkFailureCode extends `uplink/${infer Cause}` ? `peer/${Cause}` : never;

export interface PeerFailure {
  readonly code: PeerFailureCode;
  /** `waiting` mends itself, `refused` needs somebody. */
  readonly state: 'waiting' | 'refused';
  readonly message: string;
  readonly remedy: string;
}

const REMEDIES: Partial<Readonly<Record<UplinkFailureCode, string>>> = {
  'uplink/dns': 'Check the address in forward.to, and that this box reaches a name server.',
  'uplink/unreachable':
    'Check that the primary gateway runs, its address in forward.to, network and firewall.',
  'uplink/tls':
    'Check ca, cert and key in forward.to, the certificate of its broker, and the clock of this box.',
  'uplink/login':
    'On the primary: timeband-gateway user add, with the id of this box for a name and the role peer. Here: passwordFile.',
  'uplink/denied':
    'The account of this box at the primary needs the role peer, and the id of this box for a name.',
  'uplink/files': 'Put the file right; nothing has to be started again.',
};

export function peerFailure({ code, state, message }: UplinkFailure): PeerFailure {
  return {
    code: code.replace('uplink/', 'peer/') as PeerFailureCode,
    state: state === 'waiting' ? 'waiting' : 'refused',
    message,
    remedy: REMEDIES[code] ?? 'It is tried again by itself.',
  };
}
