/** Records and the chain over them (SPEC.md, Record, Log). */
import {
  chainHash,
  decodeRecord,
  DEVICE_EVENT,
  equalBytes,
  KIND,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect, Nonconformity, NotApplicable } from '../verdict.js';
import { readRecordClaims } from '../readings.js';

const MAX_RECORD = 349;

export const LOG = checksOf('log', [
  {
    id: 'log-id',
    section: 'Log',
    title: 'names its log by site, id, key, epoch and the log before',
    run: async (lab) => {
      const { logId } = await lab.identity();
      const wanted = await lab.logId();
      expect(equalBytes(logId, wanted), `log id ${toHex(logId)}, it has to be ${toHex(wanted)}`);
    },
  },
  {
    id: 'log-record-form',
    section: 'Record',
    title: `logs records in the strict form, of at most ${MAX_RECORD} bytes, with all their fields`,
    needs: ['issuer'],
    run: async (lab) => {
      await lab.logSomething();
      const { oldest } = await lab.identity();
      for (const bytes of await lab.records(oldest)) {
        const { seq } = readRecordClaims(bytes);
        expect(bytes.length <= MAX_RECORD, `record ${seq} has ${bytes.length} bytes`);
        try {
          decodeRecord(bytes);
        } catch (error) {
          if (!(error instanceof TimebandError)) throw error;
          throw new Nonconformity(`record ${seq}: ${error.message}`);
        }
      }
    },
  },
  {
    id: 'log-boot-record',
    section: 'Device',
    title: 'logs that it started',
    run: async (lab) => {
      const { oldest, boot } = await lab.identity();
      const records = (await lab.records(oldest)).map(readRecordClaims);
      const ofThisStart = records.filter((record) => record.boot === boot);
      // What is no longer there may have been the one.
      if (ofThisStart.length === records.length && oldest > 1)
        throw new NotApplicable('its first records are gone');
      expect(
        ofThisStart.some(({ kind, body }) => kind === KIND.device && body.get(1) === DEVICE_EVENT.boot),
        `no record of start ${boot}`,
      );
    },
  },
  {
    id: 'log-salt',
    section: 'Record',
    title: 'gives every record another salt',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.logSomething();
      await lab.logSomething();
      const { oldest } = await lab.identity();
      const salts = (await lab.records(oldest)).map((bytes) => toHex(readRecordClaims(bytes).salt));
      expect(new Set(salts).size === salts.length, 'two records with the same salt');
      expect(
        salts.every((salt) => salt.length === 16),
        'a salt that is not 8 bytes',
      );
    },
  },
  {
    id: 'log-uptime',
    section: 'Record',
    title: 'counts uptime forwards within a start, and starts forwards',
    run: async (lab) => {
      const { oldest } = await lab.identity();
      const records = (await lab.records(oldest)).map(readRecordClaims);
      records.forEach((record, index) => {
        const before = records[index - 1];
        if (before === undefined) return;
        const follows =
          record.boot > before.boot || (record.boot === before.boot && record.uptime >= before.uptime);
        expect(follows, `record ${record.seq} was made before record ${before.seq}, by its start and uptime`);
      });
    },
  },
  {
    id: 'log-chain',
    section: 'Log',
    title: 'chains every record onto the one before',
    needs: ['issuer'],
    run: async (lab) => {
      const { seal: before } = await lab.seal();
      const head = await lab.logSomething();
      const { seal: after } = await lab.seal(head);
      const records = await lab.records(before.last + 1);
      const chained = records.reduce(chainHash, before.hashLast);
      expect(equalBytes(chained, after.hashLast), 'its records do not hash to what it seals');
    },
  },
]);
