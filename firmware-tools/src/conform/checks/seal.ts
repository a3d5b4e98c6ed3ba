/** What a device signs for (SPEC.md, Seal). */
import { COMMAND, equalBytes, isSigning, toHex, verifySeal } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect, Nonconformity, NotApplicable } from '../verdict.js';
import { describe } from '../connection.js';

export const SEAL = checksOf('seal', [
  {
    id: 'seal-signature',
    section: 'Seal',
    title: 'signs with the key of its certificate',
    run: async (lab) => {
      const { claims } = lab.facts;
      if (!isSigning(claims)) throw new NotApplicable('a MAC takes its key to be checked');
      const { bytes } = await lab.seal();
      try {
        verifySeal(bytes, claims.key, claims.site);
      } catch (error) {
        throw new Nonconformity(error instanceof Error ? error.message : String(error));
      }
    },
  },
  {
    id: 'seal-nonce',
    section: 'Seal',
    title: "answers the asker's nonce",
    run: async (lab) => {
      const { seal, asked } = await lab.seal();
      expect(equalBytes(seal.nonce, asked.nonce), 'a seal for another nonce');
    },
  },
  {
    id: 'seal-log',
    section: 'Seal',
    title: 'names its log',
    run: async (lab) => {
      const { seal } = await lab.seal();
      const logId = await lab.logId();
      expect(equalBytes(seal.logId, logId), `a seal of log ${toHex(seal.logId)}, its log is ${toHex(logId)}`);
    },
  },
  {
    id: 'seal-last',
    section: 'Seal',
    title: 'seals up to the record that was asked for, not to the newest',
    needs: ['issuer'],
    run: async (lab) => {
      const head = await lab.logSomething();
      const { seal } = await lab.seal(head - 1);
      expect(seal.last === head - 1, `a seal up to ${seal.last} where ${head - 1} was asked for`);
    },
  },
  {
    id: 'seal-first',
    section: 'Seal',
    title: 'begins behind what is acknowledged',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.logSomething();
      await lab.settle();
      await lab.logSomething();
      const { acked } = await lab.identity();
      const { seal } = await lab.seal();
      expect(seal.first === acked + 1, `a seal from ${seal.first} on, acknowledged is ${acked}`);
    },
  },
  {
    id: 'seal-hash-before',
    section: 'Seal',
    title: 'carries the hash before its first record',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.logSomething();
      const { seal: whole } = await lab.seal();
      await lab.settle();
      await lab.logSomething();
      const { seal } = await lab.seal();
      expect(
        equalBytes(seal.hashBefore, whole.hashLast),
        'the hash before is not that of the acknowledged record',
      );
    },
  },
  {
    id: 'seal-empty',
    section: 'Seal',
    title: 'seals a log in which nothing waits',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.settle();
      const { acked } = await lab.identity();
      const { seal } = await lab.seal(acked);
      expect(seal.last === acked, `a seal up to ${seal.last}, acknowledged is ${acked}`);
      expect(equalBytes(seal.hashBefore, seal.hashLast), 'two hashes where nothing is covered');
    },
  },
  {
    id: 'seal-below',
    section: 'Seal',
    title: 'refuses to seal below what is acknowledged with 2',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.logSomething();
      await lab.settle();
      const { acked } = await lab.identity();
      await lab.refuses(
        COMMAND.seal,
        { nonce: new Uint8Array(16), upto: acked - 1 },
        'notAvailable',
        'a seal below what is acknowledged',
      );
    },
  },
  {
    id: 'seal-beyond',
    section: 'Seal',
    title: 'refuses to seal beyond its newest record with 2',
    run: async (lab) => {
      const { head } = await lab.status();
      await lab.refuses(
        COMMAND.seal,
        { nonce: new Uint8Array(16), upto: head + 1 },
        'notAvailable',
        'a seal beyond the newest record',
      );
    },
  },
  {
    id: 'seal-again',
    section: 'Commands',
    title: 'seals the same range again when it is asked again',
    run: async (lab) => {
      const { asked } = await lab.seal();
      const { body, refusal } = await lab.answer(COMMAND.seal, asked);
      expect(refusal === undefined, `the same question again got ${describe(body)}`);
    },
  },
  {
    id: 'seal-moment',
    section: 'Seal',
    title: 'says in which start and at which uptime it was made',
    run: async (lab) => {
      const { boot } = await lab.identity();
      const { seal: first } = await lab.seal();
      const { seal: second } = await lab.seal();
      expect(first.boot === boot, `a seal of start ${first.boot}, this is ${boot}`);
      expect(second.uptime >= first.uptime, `uptime ${second.uptime} after ${first.uptime}`);
    },
  },
  {
    id: 'seal-status',
    section: 'Commands',
    title: 'says in its status how far it has sealed',
    run: async (lab) => {
      const { asked } = await lab.seal();
      const { sealed } = await lab.status();
      expect(sealed >= asked.upto, `sealed up to ${asked.upto}, its status says ${sealed}`);
    },
  },
]);
