/**
 * Bytewise lexicographic order of two encoded keys, as RFC 8949 §4.2.1 sorts them: both lie in `bytes`, between their
 * start and end. Negative, zero or positive as for sorting.
 */
export function compareKeys(
  bytes: Uint8Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[aStart + i] ?? 0) - (bytes[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
