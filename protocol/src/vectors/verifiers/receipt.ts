/** Tree heads and receipts (SPEC.md, Log tree, Portable receipt). */
import type { Certificate } from '../../cwt/index.js';
import { receiptFromText, verifyConsistency, verifyHead, verifyReceipt } from '../../receipt/index.js';
import type { Context } from '../context.js';
import { trustOf } from './trust.js';
import type { Verify } from './verify.js';

export const treeHead: Verify = (bytes, context) => verifyHead(bytes, gatewayOf(context));

/** The receipt of consistency with an earlier head, whose bytes are in the context. */
export const consistency: Verify = (bytes, context) => {
  const gateway = gatewayOf(context);
  return verifyConsistency(verifyHead(context.bytes('earlier'), gateway), bytes, gateway);
};

export const portableReceipt: Verify = (bytes, context) => {
  const { event, eventHash, head } = verifyReceipt(bytes, {
    trust: trustOf(context),
    site: context.text('site'),
    certificate: context.has('certificate') ? context.bytes('certificate') : undefined,
  });
  return { event, eventHash, head };
};

/** ASCII; decodes to the receipt's bytes. */
export const receiptText: Verify = (bytes) => receiptFromText(new TextDecoder().decode(bytes));

function gatewayOf(context: Context): Certificate {
  const demand = { roles: ['gateway'], site: context.text('site') } as const;
  return trustOf(context).verify(context.bytes('certificate'), demand);
}
