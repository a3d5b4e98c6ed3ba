/** What the fields of record bodies are called, by the name of their kind. The names are SPEC.md's. */
import type { KindName } from '../records/index.js';
import type { Label } from './annotate.js';
import { deviceLabel, numbered, proofLabel, punchLabel } from './labels.js';

const named = (name: string, label: Label): Label => ({ ...label, name });

const approved = (action: Label): Label => ({
  fields: numbered(
    { name: 'action', content: action },
    {
      name: 'approvals',
      each: {
        fields: numbered('by certificate', {
          name: 'WebAuthn',
          fields: numbered('kid', 'authenticatorData', 'clientDataJSON', 'signature'),
        }),
      },
    },
  ),
});

export const BODY_LABELS: Readonly<Record<KindName, Label>> = {
  punch: punchLabel,
  device: deviceLabel,
  enrol: approved({
    fields: numbered('nonce', 'at', 'step', 'account', 'band', 'thumbprint', 'replaces', 'reason'),
  }),
  attest: {
    fields: numbered(
      {
        name: 'statement',
        content: {
          fields: numbered(
            ...['nonce', 'provider', 'recipient', 'service', 'seconds', 'minutes', 'rating'],
            'confirmed by',
          ),
        },
      },
      'provider’s word',
      'recipient’s word',
    ),
  },
  activity: {
    fields: numbered(
      ...['activity', 'phase', 'service', 'organiser', 'planned start', 'planned end', 'capacity', 'started'],
      ...['ended', 'attended', 'roster'],
    ),
  },
  redeem: {
    fields: numbered(
      ...['redemption', 'phase', 'service', 'price', 'catalogue', 'supplier'],
      named('proof', proofLabel),
      'assisted',
      'reason',
    ),
  },
  meal: {
    fields: numbered(
      ...['meal', 'phase', 'date', 'slot', 'account', 'cost'],
      named('proof', proofLabel),
      ...['courier', 'assisted'],
    ),
  },
  request: {
    fields: numbered(
      ...['request', 'phase', 'category', 'urgency', 'level'],
      named('proof', proofLabel),
      ...['handler', 'due', 'assisted', 'about'],
    ),
  },
  mediate: {
    fields: numbered('case', 'mediators', 'parties', 'started', 'ended', 'outcome', 'follow-up', 'request'),
  },
  correct: approved({
    fields: numbered(
      ...['nonce', 'at', 'sort', 'reason', 'account', 'minutes'],
      { name: 'target', fields: numbered('log id', 'seq', 'hash') },
      ...['service', 'started', 'ended', 'recorder'],
    ),
  }),
  transfer: approved({
    fields: numbered('nonce', 'at', 'sort', 'from', 'to', 'minutes', 'recorder', named('proof', proofLabel)),
  }),
  policy: { fields: numbered('type', 'number', 'hash', 'outcome') },
};
