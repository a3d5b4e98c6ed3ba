/** Whose the bands of a simulation are: what an operator approves when they are handed out (SPEC.md, Enrol). */
import {
  approve,
  approvedBody,
  type CborMap,
  enrolAction,
  keyThumbprint,
  type PrivateKey,
  randomBytes,
  tagId,
} from '@timeband/protocol';
import type { Issue } from './provision.js';

/** Decided now: the site may be no older. @param first number of the resident who gets band 0; the next gets band 1 */
export function enrol({ stock, range }: Issue, operator: PrivateKey, first: number): CborMap[] {
  const at = Math.floor(Date.now() / 1_000);
  return stock.bands(range).map(({ number, uid }) => {
    const hasKey = stock.kind(number) === 'key';
    const action = enrolAction({
      ...{ nonce: randomBytes(16), at, step: 'issued', account: `resident-${first + number}` },
      band: hasKey ? stock.id(number) : tagId(uid),
      ...(hasKey && { thumbprint: keyThumbprint(stock.key(number).publicKey) }),
    });
    return approvedBody(action, [approve(operator, stock.site, action)]);
  });
}
