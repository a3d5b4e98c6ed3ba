/** Where reading a log for another gateway begins: what any of them has acknowledged is theirs already (SPEC.md, Forward). */
import type { SmpClient } from '@timeband/protocol';
import type { VerifiedDevice } from '../verify/index.js';
import type { ForwardedPlace, Forwarding, SyncContext } from './context.js';
import { acknowledged } from './log-start.js';

/** @throws SmpError, LinkError, LogError */
export async function openForwarded(
  client: SmpClient,
  context: SyncContext,
  device: VerifiedDevice,
  forward: Forwarding,
): Promise<ForwardedPlace> {
  const { identity, genesis } = device;
  const known = forward.find(identity.logId);
  // What a restored primary asked for again is read again, as far as it is still there.
  const goesOn = known !== undefined && (known.rewound || known.head >= identity.acked);
  if (goesOn && identity.oldest <= known.head + 1) return known;
  const start =
    identity.acked === 0 ? { base: 0, hash: genesis } : await acknowledged(client, context, device);
  return forward.open(device, start);
}
