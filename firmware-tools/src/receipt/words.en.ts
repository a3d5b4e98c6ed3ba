import type { Words } from './language.js';

export const english: Words = {
  good: 'This receipt is good.',
  refused: 'Do not trust this receipt.',
  reasons: {
    'not-a-receipt':
      'This is no receipt, or a part of it is missing. Copy the whole text, or scan the code again.',
    'wrong-place':
      'Its parts do not belong together: the proof is for another event. Ask the centre for a new receipt.',
    changed:
      'It was changed, or the centre never signed it: the signature does not fit what it says. Ask the centre for a new receipt.',
    'other-issuer':
      'It was signed for another site than the one you trust. Is this the right issuer certificate? Ask the centre for its own.',
    'other-site': 'It comes from another site than the one whose certificate you gave.',
    'not-a-gateway': 'It was signed by something that is not a gateway, and only gateways give receipts.',
    expired:
      "It was signed outside the time in which its gateway's certificate is valid. Ask for a new receipt.",
    revoked: 'The key that signed it was lost or stolen: anybody may have made it. Ask the centre.',
    'bad-certificate': 'The certificate inside is damaged or forged. Ask the centre for a new receipt.',
  },
  labels: {
    ...{ who: 'Wristband', what: 'What', where: 'Where', when: 'When', service: 'Service' },
    ...{ minutes: 'Minutes', evidence: 'Evidence', place: 'In the log', signer: 'Vouched for by' },
  },
  values: {
    where: ({ site, device }) => `site ${site}, at ${device}`,
    what: ({ type, direction }) =>
      direction === 'in' ? 'check-in' : direction === 'out' ? 'check-out' : `record of type ${type}`,
    until: (latest) => `not later than ${latest}`,
    service: (number) => `number ${number} in the catalogue`,
    minutes: (minutes) => `${minutes} min`,
    evidence: {
      0: 'weak: the number of a tag, which can be copied',
      1: 'good: a tag proved that it is the genuine one',
      2: 'strong: a wristband answered with its own key',
    },
    vouched: ' (only the gateway could check it, and vouches for it)',
    place: ({ position, head }, signed) => `event ${position.seq} of ${head.size}, signed ${signed}`,
  },
};
