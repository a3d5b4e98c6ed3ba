/** Who the device is, and what it answers about itself and its log (SPEC.md, Commands). */
import { COMMAND, concat, equalBytes, isId, KID_BYTES, TimebandError, TrustStore } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect, Nonconformity } from '../verdict.js';
import { describe } from '../connection.js';
import { readRecordClaims } from '../readings.js';

const MAX_TEXT = 64;
const DEFAULT_BYTES = 352;

export const COMMANDS = checksOf('commands', [
  {
    id: 'commands-identity',
    section: 'Commands',
    title: 'says who it is: an id, texts of at most 64 bytes, numbers that fit each other',
    run: async (lab) => {
      const identity = await lab.identity();
      const { head, boot } = await lab.status();
      expect(isId(identity.device), `"${identity.device}" is not an id`);
      for (const name of ['firmware', 'hardware'] as const) {
        const bytes = new TextEncoder().encode(identity[name]).length;
        expect(bytes <= MAX_TEXT, `${name} of ${bytes} bytes, at most ${MAX_TEXT}`);
      }
      expect(identity.epoch >= 1, 'epochs count from 1');
      expect(
        identity.boot >= 1 && identity.boot === boot,
        `boot ${identity.boot} here, ${boot} in its status`,
      );
      expect(identity.acked <= head, `acknowledged up to ${identity.acked}, its newest is ${head}`);
      expect(identity.oldest <= head + 1, `oldest ${identity.oldest}, its newest is ${head}`);
    },
  },
  {
    id: 'commands-certificate',
    section: 'Certificate',
    title: 'shows a certificate of a reader or band, for the id that it says',
    run: async (lab) => {
      const { device } = await lab.identity();
      const { subject, role } = lab.facts.claims;
      expect(subject === device, `it calls itself ${device}, its certificate is for ${subject}`);
      expect(role === 'reader' || role === 'band', `it is certified as ${role}`);
    },
  },
  {
    id: 'commands-certificate-issuer',
    section: 'Trust',
    title: "shows a certificate by its site's issuer",
    needs: ['issuer'],
    run: ({ facts: { certificate }, authority: { key, site } }) => {
      try {
        new TrustStore([key.publicKey]).verifyDevice(certificate, { roles: ['reader', 'band'], site });
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
        throw new Nonconformity(`its certificate does not hold: ${error.message}`);
      }
      return Promise.resolve();
    },
  },
  {
    id: 'commands-certificate-own',
    section: 'Commands',
    title: 'finds its own certificate by the id of its key',
    run: async (lab) => {
      const { certificate, claims } = lab.facts;
      const shown = await lab.call(COMMAND.certificate, claims.kid);
      expect(equalBytes(shown, certificate), 'another certificate under the same key id');
    },
  },
  {
    id: 'commands-certificate-unknown',
    section: 'Commands',
    title: 'refuses to show a certificate that it does not have with 2',
    run: (lab) =>
      lab.refuses(
        COMMAND.certificate,
        new Uint8Array(KID_BYTES).fill(0xee),
        'notAvailable',
        'an unknown key id',
      ),
  },
  {
    id: 'commands-status-newest',
    section: 'Commands',
    title: 'carries the newest record in its status, while that is not sealed',
    needs: ['issuer'],
    run: async (lab) => {
      const head = await lab.logSomething();
      const { newest } = await lab.call(COMMAND.status, { seen: head - 1 });
      expect(newest !== undefined, 'a record that is new and not sealed is not in the status');
      const { seq } = readRecordClaims(newest);
      expect(seq === head, `the status carries record ${seq}, the newest is ${head}`);
      await lab.seal(head);
      const after = await lab.call(COMMAND.status, { seen: head - 1 });
      expect(after.newest === undefined, 'a record that is sealed is still in the status');
    },
  },
  {
    id: 'commands-status-seen',
    section: 'Commands',
    title: 'leaves out of its status what the asker has seen',
    needs: ['issuer'],
    run: async (lab) => {
      const head = await lab.logSomething();
      const { newest } = await lab.call(COMMAND.status, { seen: head });
      expect(newest === undefined, 'a record that was seen is in the status');
    },
  },
  {
    id: 'commands-records-order',
    section: 'Commands',
    title: `answers records in order, as many as fit ${DEFAULT_BYTES} bytes where no limit is given`,
    run: async (lab) => {
      const { oldest } = await lab.identity();
      const records = await lab.call(COMMAND.records, { from: oldest });
      const bytes = records.reduce(
        (sum, { length }) => sum + length + (length < 24 ? 1 : length < 256 ? 2 : 3),
        0,
      );
      expect(
        bytes <= DEFAULT_BYTES || records.length === 1,
        `${bytes} bytes of records, ${DEFAULT_BYTES} at most`,
      );
      records.map(readRecordClaims).forEach(({ seq }, index) => {
        expect(seq === oldest + index, `record ${seq} stands where ${oldest + index} was wanted`);
      });
    },
  },
  {
    id: 'commands-records-limit',
    section: 'Commands',
    title: 'keeps to the bytes that it is asked for, and answers one record at least',
    needs: ['issuer'],
    run: async (lab) => {
      const head = await lab.logSomething();
      await lab.logSomething();
      const records = await lab.call(COMMAND.records, { from: head, bytes: 1 });
      expect(records.length === 1, `${records.length} records where one byte was asked for`);
    },
  },
  {
    id: 'commands-records-below',
    section: 'Commands',
    title: 'refuses records below its oldest with 2',
    run: async (lab) => {
      const { oldest } = await lab.identity();
      await lab.refuses(COMMAND.records, { from: oldest - 1 }, 'notAvailable', `records from ${oldest - 1}`);
    },
  },
  {
    id: 'commands-records-beyond',
    section: 'Commands',
    title: 'answers no records, and no refusal, beyond its newest',
    run: async (lab) => {
      const { head } = await lab.status();
      const { body, refusal } = await lab.answer(COMMAND.records, { from: head + 1 });
      expect(refusal === undefined, `records beyond the newest got ${describe(body)}`);
      expect(COMMAND.records.decodeAnswer(body).length === 0, 'records that there are not');
    },
  },
  {
    id: 'commands-records-stable',
    section: 'CBOR',
    title: 'answers a record with the same bytes every time',
    run: async (lab) => {
      const { oldest } = await lab.identity();
      const once = concat(...(await lab.call(COMMAND.records, { from: oldest })));
      const again = concat(...(await lab.call(COMMAND.records, { from: oldest })));
      expect(equalBytes(once, again), 'the same records came as other bytes');
    },
  },
  {
    id: 'commands-resolving-key',
    section: 'Provisioning',
    title: 'tells an identity resolving key to nobody who could follow it',
    run: async (lab) => {
      const { refusal, body } = await lab.answer(COMMAND.resolvingKey, undefined);
      if (lab.facts.isUntrusted)
        expect(refusal?.rc === 11, `a gateway asked for the resolving key and got ${describe(body)}`);
      else if (refusal !== undefined) expect(refusal.rc === 2, `refusal 2 is wanted, it was ${refusal.rc}`);
      else COMMAND.resolvingKey.decodeAnswer(body);
    },
  },
]);
