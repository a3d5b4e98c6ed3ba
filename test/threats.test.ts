/** Every threat that SPEC.md lists is tried by a test that goes by this name. A threat without one fails here. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The threat's first words, and where it is tried: `file` and the test's name or the beginning of it. */
const TRIED: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  'changes a record after the fact': [
    ['protocol/src/log/record-proof.test.ts', 'is refused for a record that was changed'],
    ['test/proof.test.ts', 'is refused when one bit of any part of it is another'],
  ],
  'asks to see one record': [['test/proof.test.ts', 'discloses no other record']],
  'plays records of one site': [
    ['protocol/src/log/chain.test.ts', 'has an id of its own for every site, device, key, epoch'],
  ],
  'replays an old seal': [['protocol/vectors/sealed-records.json', 'seal/nonce']],
  'makes a device forget': [
    [
      'simulator/src/firmware/device.test.ts',
      'does nothing when it is forged, replayed, early or of another log',
    ],
  ],
  'restores an old image': [
    ['test/faults.test.ts', 'a fork is kept as evidence'],
    ['test/faults.test.ts', 'a reader that forgot what it signed raises an alarm'],
  ],
  'fills the flash': [['simulator/src/firmware/flash.test.ts', 'keeps 16 slots for help and device records']],
  'cuts the power': [
    ['simulator/src/firmware/flash.test.ts', 'whichever byte of a record the power fails at'],
  ],
  'counts one visit twice': [['protocol/src/evidence/assess.test.ts', 'and counts in the first']],
  'writes a better tier': [['protocol/src/evidence/assess.test.ts', 'a copied UID proves nothing']],
  "copies a tag's UID": [['protocol/src/evidence/assess.test.ts', 'a copied UID proves nothing']],
  'replays what a tag or a band said': [
    ['protocol/src/evidence/assess.test.ts', 'that replays a message has tier 0'],
    ['protocol/src/evidence/assess.test.ts', 'that was given before has tier 0'],
  ],
  'presses for someone else': [['protocol/src/evidence/assess.test.ts', 'after an old press, from far away']],
  'invents a visit': [
    ['protocol/src/evidence/visit.test.ts', 'is not stretched'],
    ['protocol/src/evidence/visit.test.ts', 'cannot begin or end without a press at both bands'],
  ],
  'sells hours as an administrator': [
    ['protocol/src/records/approvals.test.ts', 'stop an administrator from selling hours'],
  ],
  'swaps the algorithm': [
    ['protocol/src/cose/message.test.ts', 'takes the algorithm from the key'],
    ['protocol/src/cose/message.test.ts', 'is never taken for a signature'],
  ],
  'uses one signature for another purpose': [
    ['protocol/src/cose/message.test.ts', 'refuses another key, another purpose and another site'],
  ],
  'signs under a key that everybody': [['protocol/vectors/cose-key.json', 'cose/weak-key']],
  'writes the same value in two ways': [['protocol/src/cbor/reader.test.ts', 'has one encoding only']],
  'sends bytes that cost memory': [
    ['protocol/src/cbor/reader.test.ts', 'is looked at in bounded time'],
    ['gateway/src/broker/broker.hostile.test.ts', 'make nothing grow'],
  ],
  'forwards records that no device logged': [
    ['gateway/src/forward/desk.test.ts', 'refuses what a gateway of the site makes up about a device'],
    ['gateway/src/forward/desk.test.ts', 'keeps a device’s second story as evidence'],
  ],
  'gets hold of a secondary gateway': [
    ['gateway/src/forward/desk.test.ts', 'does not answer a gateway whose key was revoked'],
    ['gateway/src/forward/desk.test.ts', 'makes whoever brings rubbish wait'],
  ],
  'steals a gateway': [
    ['protocol/src/cwt/trust-store.test.ts', 'is refused where a key that signs is needed'],
  ],
  'steals any device': [
    ['protocol/src/policy/policy.test.ts', 'keeps records good up to the last trusted one'],
    ['test/stolen-gateway.test.ts', 'a stolen gateway'],
  ],
  'feeds a device an old policy': [
    ['test/stolen-gateway.test.ts', 'an old list is refused'],
    ['simulator/src/firmware/trust.test.ts', 'is the latest time it was given'],
  ],
  'listens on the radio': [['test/session.test.ts', 'says and hears nothing in clear']],
  'follows an elder': [
    ['protocol/src/ble/ble.test.ts', 'cannot be followed'],
    ['test/session.test.ts', 'does not show who it is to a gateway that its own issuer did not certify'],
  ],
  'floods the radio': [
    ['protocol/src/session/session.test.ts', 'that nobody begins within 5 s ends the connection'],
  ],
  'runs a gateway that belongs to another site': [
    ['simulator/src/firmware/device.test.ts', 'is believed only as a gateway of the own site'],
  ],
  'replays or repeats a command': [
    ['protocol/src/session/session.test.ts', 'packets of a session do nothing when they are sent again'],
  ],
  "sets a device's clock wrong": [
    ['protocol/src/log/trusted-time.test.ts', 'places a record of this boot as long ago as the uptimes say'],
    ['simulator/src/firmware/trust.test.ts', 'is not pushed far ahead'],
  ],
  "steps the gateway's clock": [
    [
      'protocol/src/log/gateway-clock.test.ts',
      'shows a step between the beginning and the end of an exchange',
    ],
  ],
  'changes, drops or reorders published events': [
    ['protocol/src/event/message.test.ts', 'is refused with any flipped bit'],
    ['gateway/src/receipts/log-tree.test.ts', 'every size to be the beginning of a later one'],
  ],
  'shows two histories': [['test/receipts.test.ts', 'rewritten']],
  'gives an invented JSON event': [
    ['protocol/src/event/message.test.ts', 'depends on the bytes of the message and on nothing else'],
  ],
  'restores a gateway from an old backup': [
    ['test/restored-backup.test.ts', 'refuses to publish other events under numbers that are taken'],
  ],
  'has two gateways of a site both post': [['test/trust.test.ts', 'do not both tell its story']],
  'changes something by a message on a topic': [
    ['gateway/src/broker/acl.test.ts', "'request/other/1': { subscriber: ''"],
    [
      'test/uplink-mosquitto.test.ts',
      'takes signed policy from the city, whose numbers only grow, and nothing else',
    ],
  ],
  'learns from topics who quarrelled': [
    ['gateway/src/broker/acl.test.ts', "'event/mediate': { subscriber: ''"],
  ],
  'certifies a key that somebody else holds': [
    ['simulator/src/factory/factory.test.ts', 'makes its key once, proves it'],
  ],
  'takes a device over with a cable': [
    [
      'test/provision.test.ts',
      'is not provisioned twice, keeps what residents did, and forgets on the issuer’s word',
    ],
  ],
  'loses residents': [
    [
      'test/provision.test.ts',
      'is not provisioned twice, keeps what residents did, and forgets on the issuer’s word',
    ],
  ],
  'changes what a site says it issued': [
    [
      'protocol/src/register/register.test.ts',
      'notices an entry that was left out, moved, repeated or changed',
    ],
  ],
};

const table = /\n## Threats\n(.*?)\n## /s.exec(read('protocol/SPEC.md'))?.[1] ?? '';
const threats = [...table.matchAll(/^\| (?!somebody|-)(.*?) *\|/gm)].map(([, threat]) => threat ?? '');

describe('the threats of SPEC.md', () => {
  it('are many', () => {
    expect(threats.length).toBeGreaterThan(30);
  });

  it.each(threats)('somebody %s: is tried', (threat) => {
    const tried = Object.entries(TRIED).find(([beginning]) => threat.startsWith(beginning))?.[1] ?? [];
    expect(tried).not.toEqual([]);
    for (const [file, name] of tried) expect(read(file)).toContain(name);
  });

  it('are not tried where SPEC.md lists none', () => {
    const unknown = Object.keys(TRIED).filter(
      (beginning) => !threats.some((threat) => threat.startsWith(beginning)),
    );
    expect(unknown).toEqual([]);
  });
});
