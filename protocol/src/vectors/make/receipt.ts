/** Tree heads over a gateway's event log, and the receipts made of them. */
import { encode } from '../../cbor/index.js';
import { coseLabel, portableReceiptLabel } from '../../cbor-text/index.js';
import { toHex } from '../../bytes.js';
import { encodeEvent, eventHash, MerkleTree, type Event } from '../../event/index.js';
import {
  consistencyReceipt,
  encodeReceipt,
  inclusionReceipt,
  receiptToText,
  signHead,
  type PortableReceipt,
  type TreeHead,
} from '../../receipt/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { certificates, certify, eventBytes, events, keys, site } from './scene.js';

const issued = 1_750_003_700;
const claims = { site, gateway: 'gateway-1', epoch: 1, issued };
const [, last] = events as [Event, Event];
const [firstBytes, lastBytes] = eventBytes as [Uint8Array, Uint8Array];
const thirdBytes = encodeEvent({ ...last, seq: 3, previous: eventHash(lastBytes) });
const leaves = [firstBytes, lastBytes, thirdBytes].map(eventHash) as [Uint8Array, Uint8Array, Uint8Array];
const two = new MerkleTree(leaves.slice(0, 2));
const three = new MerkleTree(leaves);
const headOfTwo: TreeHead = { ...claims, size: 2, root: two.root };
const headOfThree: TreeHead = { ...claims, size: 3, root: three.root };
const signedTwo = signHead(keys.gateway, headOfTwo);
const signedThree = signHead(keys.gateway, headOfThree);
const context = { issuers: ['issuer'], site, certificate: certificates.gateway };
const published = { issuer: keys.issuer, gateway: keys.gateway, stranger: keys.stranger };

export const headFile = (): VectorFile => {
  const about = { label: coseLabel(), context, cddl: 'tree-head' };
  const odd = { label: coseLabel(), context };
  const other = { ...context, certificate: certify('gateway-2', 'gateway', keys.gateway) };
  return vectorFile(
    {
      structure: 'tree-head',
      section: 'Log tree',
      about: 'A gateway’s signed word on its whole event log, with its certificate in the context.',
    },
    published,
    [
      valid('of two events', signedTwo, headOfTwo, about),
      valid('of three events', signedThree, headOfThree, about),
      invalid('one bit of the signature changed', damaged(signedTwo), 'receipt/signature', odd),
      invalid('by a stranger', signHead(keys.stranger, headOfTwo), 'receipt/signature', odd),
      invalid('by a gateway of another name', signedTwo, 'receipt/signature', {
        label: coseLabel(),
        context: other,
      }),
      invalid(
        'before its certificate was valid',
        signHead(keys.gateway, { ...headOfTwo, issued: 1_749_999_999 }),
        'receipt/signature',
        odd,
      ),
      invalid('of no events', signHead(keys.gateway, { ...headOfTwo, size: 0 }), 'receipt/shape', odd),
      invalid(
        'a root of 31 bytes',
        signHead(keys.gateway, { ...headOfTwo, root: two.root.subarray(1) }),
        'receipt/shape',
        odd,
      ),
    ],
  );
};

export const consistencyFile = (): VectorFile => {
  const path = [leaves[2]];
  const receipt = consistencyReceipt(signedThree, { earlierSize: 2, laterSize: 3, path });
  const about = { label: coseLabel(), context: { ...context, earlier: signedTwo } };
  const forked = new MerkleTree([leaves[1], leaves[0], leaves[2]]);
  const fork = consistencyReceipt(signHead(keys.gateway, { ...headOfThree, root: forked.root }), {
    ...{ earlierSize: 2, laterSize: 3, path },
  });
  const wrongPath = consistencyReceipt(signedThree, { earlierSize: 2, laterSize: 3, path: [] });
  return vectorFile(
    {
      structure: 'consistency-receipt',
      section: 'Log tree',
      about:
        'That a later log begins with all that an earlier head covers. The earlier head is in the context.',
    },
    published,
    [
      valid('from two events to three', receipt, headOfThree, { ...about, cddl: 'consistency-receipt' }),
      invalid('a log whose past was changed', fork, 'receipt/signature', about),
      invalid('a path that leads nowhere', wrongPath, 'receipt/proof', about),
      invalid('from another head', receipt, 'receipt/proof', {
        label: coseLabel(),
        context: { ...context, earlier: signedThree },
      }),
    ],
  );
};

const proof = (index: number) => ({ treeSize: 3, leafIndex: index, path: three.path(index) });
const portable: PortableReceipt = {
  event: lastBytes,
  receipt: inclusionReceipt(signedThree, proof(1)),
  certificate: certificates.gateway,
};
const whole = encodeReceipt(portable);

export const portableFile = (): VectorFile => {
  const trust = { issuers: ['issuer'], site };
  const label = portableReceiptLabel;
  const about = { label, context: trust, cddl: 'portable-receipt' };
  const says = { event: last, eventHash: leaves[1], head: headOfThree };
  const bare = encodeReceipt({ ...portable, certificate: undefined });
  const withChanges = (changes: Partial<PortableReceipt>): Uint8Array =>
    encodeReceipt({ ...portable, ...changes });
  const refused = (name: string, bytes: Uint8Array, code: Parameters<typeof invalid>[2]): VectorCase =>
    invalid(name, bytes, code, { label, context: trust });
  return vectorFile(
    {
      structure: 'portable-receipt',
      section: 'Portable receipt',
      about:
        'An event, the proof that it stands in its gateway’s log, and the certificate to check that with.',
    },
    published,
    [
      valid('the second of three events', whole, says, about),
      valid('compact: the certificate is known already', bare, says, {
        ...about,
        context: { ...trust, certificate: certificates.gateway },
      }),
      refused('compact, to someone who does not know the certificate', bare, 'receipt/shape'),
      refused(
        'a proof for another place',
        withChanges({ receipt: inclusionReceipt(signedThree, proof(0)) }),
        'receipt/proof',
      ),
      refused('another event', withChanges({ event: thirdBytes }), 'receipt/proof'),
      refused(
        'one letter of the event changed',
        withChanges({ event: damaged(lastBytes) }),
        'receipt/signature',
      ),
      refused(
        'one bit of the signature changed',
        withChanges({ receipt: damaged(portable.receipt) }),
        'receipt/signature',
      ),
      refused(
        'the certificate of another gateway',
        withChanges({ certificate: certify('gateway-2', 'gateway', keys.gateway) }),
        'receipt/signature',
      ),
      refused(
        'a certificate of another issuer',
        withChanges({
          certificate: certify('gateway-1', 'gateway', keys.gateway, { signer: keys.stranger }),
        }),
        'cert/untrusted-issuer',
      ),
      refused('something that is no receipt', encode(['tb-other', 1]), 'receipt/shape'),
    ],
  );
};

export const textFile = (): VectorFile => {
  const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
  const text = (name: string, value: string): Parameters<typeof valid> => [
    name,
    ascii(value),
    whole,
    { lines: lines(value) },
  ];
  const base45 = receiptToText(whole);
  const refused = (name: string, value: string): VectorCase =>
    invalid(name, ascii(value), 'receipt/shape', { lines: lines(value) });
  return vectorFile(
    {
      structure: 'receipt-text',
      section: 'Portable receipt',
      about: 'The text of a QR code, in ASCII. It decodes to the bytes of the receipt.',
    },
    {},
    [
      valid(...text('TB1: and base45', base45)),
      valid(...text('in several lines', `${base45.slice(0, 100)}\r\n${base45.slice(100)}\n`)),
      refused('without TB1:', base45.slice(4)),
      refused('a letter too few', base45.slice(0, -1)),
      refused('a letter that base45 does not have', `${base45.slice(0, 10)}_${base45.slice(11)}`),
    ],
  );
};

function lines(text: string): string[] {
  const pieces = text.match(/[^]{1,32}/g) ?? [];
  return pieces.map((piece) => {
    const hex = toHex(new TextEncoder().encode(piece));
    return `${hex} # ${JSON.stringify(piece)}`;
  });
}
