/** Records on their way from one gateway to another, and the answers (SPEC.md, Forward). */
import { openForward, openForwardAnswer, verifyForwarded } from '../../forward/index.js';
import { PublicKey } from '../../crypto/index.js';
import type { Context } from '../context.js';
import { VectorFormatError } from '../format.js';
import { trustOf } from './trust.js';
import type { Verify } from './verify.js';

const demandOf = (context: Context) => ({
  trust: trustOf(context),
  site: context.text('site'),
  now: context.optionalNumber('now'),
});

/** As the primary, of a device whose seals anybody can check. */
export const forward: Verify = (bytes, context) => {
  const demand = demandOf(context);
  const opened = openForward(bytes, demand);
  const {
    subject: device,
    key,
    thumbprint,
  } = demand.trust.verifyDevice(opened.certificate, {
    ...{ roles: ['reader', 'band'], site: demand.site, now: demand.now },
  });
  if (!(key instanceof PublicKey)) throw new VectorFormatError('a device that signs is needed');
  const { seal, hash, logId } = verifyForwarded(opened, { device, key, thumbprint });
  const { gateway, number, from } = opened;
  return { gateway, number, device, logId, from, last: seal.last, hash, sealId: seal.id };
};

export const forwardAnswer: Verify = (bytes, context) => {
  const demand = { ...demandOf(context), gateway: context.text('gateway'), to: context.text('to') };
  return openForwardAnswer(bytes, demand).answer;
};
