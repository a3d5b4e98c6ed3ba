/** Events and their chain (SPEC.md, Event, Receipt, JSON twin). */
import { equalBytes } from '../../bytes.js';
import { TrustStore } from '../../cwt/index.js';
import { EventError } from '../../errors.js';
import { eventJson, EventVerifier } from '../../event/index.js';
import type { Context } from '../context.js';
import type { Verify } from './verify.js';

/** An event message from a gateway whose certificate is known; `previous` is the hash of the event before. */
export const event: Verify = (bytes, context) => {
  const verified = gatewaysOf(context).verify(bytes);
  if (context.has('previous') && !equalBytes(verified.event.previous, context.bytes('previous'))) {
    throw new EventError('event/chain', 'does not follow the event before');
  }
  return verified;
};

export const jsonTwin: Verify = (bytes, context) => {
  gatewaysOf(context).verify(bytes);
  return JSON.parse(eventJson(bytes));
};

function gatewaysOf(context: Context): EventVerifier {
  const verifier = new EventVerifier();
  const store = new TrustStore([context.publicKey('issuer')]);
  verifier.trust(
    store.verify(context.bytes('certificate'), { roles: ['gateway'], site: context.text('site') }),
  );
  return verifier;
}
