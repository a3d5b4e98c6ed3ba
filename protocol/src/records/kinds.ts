/** Record kinds by number. A number not listed here is stored and forwarded all the same. */
export const KIND = {
  enrol: 1,
  punch: 2,
  attest: 3,
  activity: 4,
  redeem: 5,
  meal: 6,
  request: 7,
  mediate: 8,
  correct: 9,
  transfer: 10,
  device: 11,
  policy: 12,
} as const;
export type KindName = keyof typeof KIND;

/** Event types are coarse: the kind's name, or `other` for kinds from a newer protocol. */
export type EventType = KindName | 'other';

const NAMES = new Map<number, KindName>((Object.keys(KIND) as KindName[]).map((name) => [KIND[name], name]));

export function eventTypeOf(kind: number): EventType {
  return NAMES.get(kind) ?? 'other';
}
