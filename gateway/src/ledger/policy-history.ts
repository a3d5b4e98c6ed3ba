/**
 * What the ledger goes by, and since which event: rules and catalogues as they came into force. A document changes nothing
 * that was published before it, so a ledger that is made again comes to the same.
 */
import {
  CborError,
  decodeCose,
  decodeStrict,
  Fields,
  type PolicyDocument,
  TimebandError,
} from '@timeband/protocol';
import type { Logger } from 'pino';
import type { LedgerPolicyRow, LedgerTables } from '../store/index.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
import { starterCatalogue } from './catalogue-csv.js';
import type { Policy } from './judge.js';
import { DEFAULT_RULES, readRules } from './rules.js';

export interface Period extends Policy {
  /** Position of the last event before it. */
  readonly after: number;
}

const TYPES: readonly string[] = ['rules', 'catalogue'];

export class PolicyHistory {
  private periods: readonly Period[];

  constructor(
    private readonly tables: Pick<LedgerTables, 'policies' | 'addPolicy'>,
    private readonly log: Logger | undefined,
  ) {
    this.periods = this.read();
  }

  /** In force now. */
  get current(): Policy {
    return this.at(Infinity);
  }

  /** The oldest first. */
  get all(): readonly Period[] {
    return this.periods;
  }

  at(event: number): Policy {
    const { periods } = this;
    for (let i = periods.length - 1; i >= 0; i--) {
      const period = periods[i];
      if (period !== undefined && period.after < event) return period;
    }
    throw new RangeError('the ledger goes by nothing');
  }

  /** A document came into force, or is in force at the start. Events after `head` go by it. Durable when this returns. */
  adopt({ content: { type }, number, bytes }: PolicyDocument, head: number): void {
    if (!TYPES.includes(type)) return;
    const known = this.tables.policies().filter((row) => row.type === type);
    if (known.some((row) => row.number >= number)) return;
    this.tables.addPolicy({ type, after: head, number, bytes });
    this.periods = this.read();
  }

  private read(): Period[] {
    const services = new Map(starterCatalogue().map((service) => [service.code, service]));
    let now: Period = { after: -1, rules: DEFAULT_RULES, catalogue: { version: 0, services } };
    const periods = [now];
    for (const row of this.tables.policies()) {
      now = { ...now, after: row.after, ...this.contentOf(row) };
      periods.push(now);
    }
    return periods;
  }

  /** One that cannot be read leaves what was in force before. */
  private contentOf({ type, number, bytes }: LedgerPolicyRow): Partial<Policy> {
    try {
      const fields = Fields.of(decodeStrict(decodeCose(bytes).payload ?? new Uint8Array()), 'policy');
      const body = fields.get(5);
      if (!(body instanceof Map)) throw new CborError('cbor/shape', 'a policy without a body');
      if (type === 'rules') return { rules: readRules(number, body) };
      const catalogue: Catalogue = readCatalogue(number, body);
      return { catalogue };
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      this.log?.error(
        { type, number, code: error.code },
        `ALARM: the ledger cannot go by it: ${error.message}`,
      );
      return {};
    }
  }
}
