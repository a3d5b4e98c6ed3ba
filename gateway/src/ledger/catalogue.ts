/** The services that can be given and redeemed, with their prices: the policy document `catalogue` of a site (SPEC.md, Policy). */
import { type CborMap, type CborValue, CborError, entries, Fields } from '@timeband/protocol';

/** What a service has to be proven by before it is credited. */
export const ASKED = { punch: 1, attestation: 2, activity: 3, mediation: 4 } as const;
export type Asked = keyof typeof ASKED;

export interface Service {
  /** Number, which devices know it by. */
  readonly code: number;
  readonly group: number;
  readonly groupName: Names;
  readonly name: Names;
  /** Price in whole minutes, and what one service is expected to take. */
  readonly minutes: number;
  readonly asks: Asked;
  readonly redeemable: boolean;
  /** Only by a helper who is qualified for it. */
  readonly qualified: boolean;
}

export interface Names {
  readonly zh: string;
  readonly en: string;
}

export interface Catalogue {
  /** Number of the document; 0 is the one that a gateway comes with. */
  readonly version: number;
  readonly services: ReadonlyMap<number, Service>;
}

const NAMES = Object.keys(ASKED) as Asked[];
const REDEEMABLE = 1;
const QUALIFIED = 2;

/** `{1: {group: [zh, en]}, 2: {code: [group, zh, en, minutes, asks, flags]}}`. */
export function catalogueBody(services: Iterable<Service>): CborMap {
  const all = [...services].sort((a, b) => a.code - b.code);
  const groups = new Map(all.map(({ group, groupName }) => [group, groupName]));
  return entries(
    [
      1,
      new Map<number, CborValue>(
        [...groups].sort(([a], [b]) => a - b).map(([g, { zh, en }]) => [g, [zh, en]]),
      ),
    ],
    [2, new Map<number, CborValue>(all.map((service) => [service.code, rowOf(service)]))],
  );
}

function rowOf({ group, name, minutes, asks, redeemable, qualified }: Service): CborValue[] {
  const flags = (redeemable ? REDEEMABLE : 0) + (qualified ? QUALIFIED : 0);
  return [group, name.zh, name.en, minutes, ASKED[asks], flags];
}

/** @throws CborError `cbor/shape` */
export function readCatalogue(version: number, body: CborMap): Catalogue {
  const fields = Fields.of(body, 'catalogue');
  const groups = mapOf(fields.get(1));
  const services = new Map<number, Service>();
  for (const [code, row] of mapOf(fields.get(2))) services.set(code, serviceOf(code, row, groups));
  return { version, services };
}

function serviceOf(code: number, row: CborValue, groups: ReadonlyMap<number, CborValue>): Service {
  if (!Array.isArray(row)) throw wrong(code);
  const [group, zh, en, minutes, asked, flags] = row as readonly CborValue[];
  const asks = NAMES.find((name) => ASKED[name] === asked);
  const groupNames = typeof group === 'number' ? groups.get(group) : undefined;
  if (typeof group !== 'number' || !Array.isArray(groupNames) || asks === undefined) throw wrong(code);
  const [groupZh, groupEn] = groupNames as readonly CborValue[];
  if (!isCount(minutes) || minutes > 1_440 || !isCount(flags)) throw wrong(code);
  return {
    ...{ code, group, minutes, asks },
    name: { zh: text(zh, code), en: text(en, code) },
    groupName: { zh: text(groupZh, code), en: text(groupEn, code) },
    redeemable: (flags & REDEEMABLE) !== 0,
    qualified: (flags & QUALIFIED) !== 0,
  };
}

function mapOf(value: CborValue | undefined): ReadonlyMap<number, CborValue> {
  if (value instanceof Map) return value as ReadonlyMap<number, CborValue>;
  throw new CborError('cbor/shape', 'a catalogue without its services');
}

function isCount(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function text(value: CborValue | undefined, code: number): string {
  if (typeof value !== 'string') throw wrong(code);
  return value;
}

function wrong(code: number): CborError {
  return new CborError('cbor/shape', `service ${code} of a catalogue is not as it should be`);
}
