/** Whom a device believes (SPEC.md, Trust). */
import { COMMAND } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';
import { spoiled } from '../authority.js';

const DAY = 86_400;

export const TRUST = checksOf('trust', [
  {
    id: 'trust-gateway',
    section: 'Ack',
    title: "takes the certificate of a gateway of its site, by its site's issuer",
    needs: ['issuer'],
    run: async (lab) => {
      const { body, refusal } = await lab.answer(COMMAND.hello, lab.gateway.certificate);
      expect(refusal === undefined, `"hello" of its own site's gateway got ${describe(body)}`);
    },
  },
  {
    id: 'trust-stranger',
    section: 'Trust',
    title: 'refuses a gateway that somebody else certified with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const by = lab.authority.stranger();
      await lab.refuses(
        COMMAND.hello,
        lab.authority.gateway({ by }).certificate,
        'notTrusted',
        'a stranger’s gateway',
      );
    },
  },
  {
    id: 'trust-spoiled',
    section: 'Certificate',
    title: 'refuses a certificate whose signature does not hold with 3',
    needs: ['issuer'],
    run: (lab) =>
      lab.refuses(
        COMMAND.hello,
        spoiled(lab.authority.gateway().certificate),
        'notTrusted',
        'a certificate with one bit wrong',
      ),
  },
  {
    id: 'trust-site',
    section: 'Trust',
    title: 'refuses a gateway of another site with 3',
    needs: ['issuer'],
    run: (lab) =>
      lab.refuses(
        COMMAND.hello,
        lab.authority.gateway({ site: 'elsewhere' }).certificate,
        'notTrusted',
        'a gateway of another site',
      ),
  },
  {
    id: 'trust-role',
    section: 'Trust',
    title: 'refuses who is no gateway with 3',
    needs: ['issuer'],
    run: async (lab) => {
      for (const role of ['reader', 'band', 'operator'] as const)
        await lab.refuses(
          COMMAND.hello,
          lab.authority.gateway({ role }).certificate,
          'notTrusted',
          `"hello" of a certified ${role}`,
        );
    },
  },
  {
    id: 'trust-expired',
    section: 'Certificate',
    title: 'refuses a gateway whose certificate has expired, by a clock that is set, with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      await lab.call(COMMAND.clock, await lab.clock());
      const now = lab.now();
      const { certificate } = lab.authority.gateway({ notBefore: now - 3 * DAY, expires: now - 2 * DAY });
      await lab.refuses(COMMAND.hello, certificate, 'notTrusted', 'a certificate that has expired');
    },
  },
  {
    id: 'trust-garbage',
    section: 'Certificate',
    title: 'refuses what is no certificate with 3',
    needs: ['issuer'],
    run: (lab) =>
      lab.refuses(
        COMMAND.hello,
        new Uint8Array(40).fill(0xd8),
        'notTrusted',
        'bytes that are no certificate',
      ),
  },
]);
