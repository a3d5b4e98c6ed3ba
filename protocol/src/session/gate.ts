/** What may be asked of a device on a link that nobody trusts (SPEC.md, Session). */
import type { Role } from '../cwt/index.js';
import { COMMAND, OP, OS_COMMAND, OS_GROUP, TIMEBAND_GROUP } from '../smp/index.js';
import type { Address } from './channel.js';

/** Echo, parameters and the handshake: before a session nothing else, and these are never encrypted. */
export function isOpenToAll({ op, group, id }: Address): boolean {
  const isRead = op === OP.read || op === OP.readResponse;
  if (group === TIMEBAND_GROUP) return !isRead && id === COMMAND.handshake.id;
  return group === OS_GROUP && (isRead ? id === OS_COMMAND.parameters : id === OS_COMMAND.echo);
}

/** What bands ask of each other in a visit, and nobody else asks. */
const BETWEEN_BANDS: readonly number[] = [COMMAND.meet.id, COMMAND.attest.id];

/** What only whoever provisions may read: by it a band is followed through the air. */
const OF_TECHNICIANS: readonly number[] = [COMMAND.resolvingKey.id];

/**
 * Whether the other side of a session may ask for it. A gateway reads what the OS group says and uses group 84; a band
 * asks for a visit; what changes the device itself (image, settings, reset, files, shell) is a technician's.
 */
export function mayAsk(role: Role, { op, group, id }: Address): boolean {
  const isBetweenBands = group === TIMEBAND_GROUP && BETWEEN_BANDS.includes(id);
  if (isBetweenBands) return role === 'band';
  if (role === 'technician') return true;
  if (group === TIMEBAND_GROUP && OF_TECHNICIANS.includes(id)) return false;
  return role === 'gateway' && (group === TIMEBAND_GROUP || (group === OS_GROUP && op === OP.read));
}
