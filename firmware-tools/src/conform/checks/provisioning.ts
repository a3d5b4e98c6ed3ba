/** What a device that belongs to a site does about what would take it from there (SPEC.md, Provisioning). */
import { ALG, COMMAND, equalBytes, PrivateKey, REFUSAL, signGrant, signWipe } from '@timeband/protocol';
import { spoiled } from '../authority.js';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';
import type { Lab } from '../lab.js';

async function putRefused(
  lab: Lab,
  what: 'grant' | 'wipe',
  bytes: Uint8Array,
  name: keyof typeof REFUSAL,
  sentence: string,
): Promise<void> {
  const { body, refusal } = await lab.put(what, bytes);
  const rc = REFUSAL[name];
  expect(refusal?.rc === rc, `${sentence}: refusal ${rc} (${name}) is wanted, it answered ${describe(body)}`);
}

export const PROVISIONING = checksOf('provisioning', [
  {
    id: 'provisioning-report',
    section: 'Commands',
    title: 'reports the site, the id and the key that its certificate has',
    run: async (lab) => {
      const report = await lab.call(COMMAND.factory, undefined);
      const { claims } = lab.facts;
      expect(report.state === 'provisioned', `it says that it is ${report.state}`);
      expect(
        report.device === claims.subject,
        `it says ${report.device ?? 'nothing'}, certified is ${claims.subject}`,
      );
      expect(
        report.site === claims.site,
        `it says site ${report.site ?? 'none'}, certified is ${claims.site}`,
      );
      const isSame = report.thumbprint !== undefined && equalBytes(report.thumbprint, claims.thumbprint);
      expect(isSame, 'the thumbprint of its key is not that of its certificate');
    },
  },
  {
    id: 'provisioning-key',
    section: 'Provisioning',
    title: 'makes no other key (14)',
    run: (lab) => lab.refuses(COMMAND.makeKey, { algorithm: ALG.EdDSA }, 'provisioned', '"make key"'),
  },
  {
    id: 'provisioning-possession',
    section: 'Provisioning',
    title: 'proves no possession for another certificate (14)',
    run: (lab) =>
      lab.refuses(
        COMMAND.possession,
        { nonce: new Uint8Array(16), site: 'elsewhere' },
        'provisioned',
        '"possession"',
      ),
  },
  {
    id: 'provisioning-grant',
    section: 'Grant',
    title: 'takes no other grant (14)',
    run: async (lab) => {
      const { serial } = await lab.call(COMMAND.factory, undefined);
      const { certificate, identity } = lab.facts;
      const grant = signGrant(PrivateKey.generate(), {
        ...{ serial, site: 'elsewhere', device: identity.device, at: lab.now() },
        ...{ anchors: [certificate], certificate },
      });
      await putRefused(lab, 'grant', grant, 'provisioned', 'another grant');
    },
  },
  {
    id: 'provisioning-wipe-stranger',
    section: 'Wipe',
    title: 'follows no order of a stranger to forget (3)',
    needs: ['issuer'],
    run: async (lab) => {
      const { identity, claims } = lab.facts;
      const { device } = identity;
      const wipe = { site: claims.site, device, thumbprint: claims.thumbprint, at: lab.now(), force: true };
      await putRefused(
        lab,
        'wipe',
        signWipe(lab.authority.stranger(), wipe),
        'notTrusted',
        'an order to forget by a stranger',
      );
      await lab.identity();
    },
  },
  {
    id: 'provisioning-wipe-other',
    section: 'Wipe',
    title: 'follows no order to forget another key (3)',
    needs: ['issuer'],
    run: async (lab) => {
      const { identity, claims } = lab.facts;
      const thumbprint = spoiled(claims.thumbprint);
      const wipe = { site: claims.site, device: identity.device, thumbprint, at: lab.now(), force: true };
      await putRefused(
        lab,
        'wipe',
        signWipe(lab.authority.key, wipe),
        'notTrusted',
        'an order to forget another key',
      );
      await lab.identity();
    },
  },
]);
