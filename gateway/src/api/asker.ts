/** Who asks, and by which way. */
import type { Role } from '../broker/index.js';
import type { Way } from '../trail/index.js';

export interface Asker {
  readonly account: string;
  /** `box`: whoever may use the gateway's own commands on the machine itself, which is its owner. */
  readonly role: Role | 'box';
  /** Account of the ledger that it acts for. */
  readonly organisation?: string | undefined;
  readonly way: Way;
}

/** Whoever the user of the machine says to be: it is noted as said. */
export function boxAsker(by: string | null): Asker {
  return { account: by === null || by === '' ? 'unknown' : by, role: 'box', way: 'box' };
}
