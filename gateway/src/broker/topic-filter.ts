/** Topic filters (MQTT 3.1.1 §4.7). A topic name is a filter without wildcards. */

/** Whether some topic matches both filters. With a topic name as one of them: whether the other matches it. */
export function intersects(a: string, b: string): boolean {
  const left = a.split('/');
  const right = b.split('/');
  for (let level = 0; ; level++) {
    const x = left[level];
    const y = right[level];
    // "#" also matches the level above it (§4.7.1.2), so it is looked at before either filter ends.
    if (x === '#' || y === '#') return true;
    if (x === undefined || y === undefined) return x === y;
    if (x !== y && x !== '+' && y !== '+') return false;
  }
}

/** Whether a topic name matches a filter. A wildcard in front matches no topic of the server's own, in "$" (§4.7.2). */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  return !(topic.startsWith('$') && /^[+#]/.test(filter)) && intersects(filter, topic);
}

/** Whether every topic that matches `narrow` matches `wide` too. */
export function covers(wide: string, narrow: string): boolean {
  const left = wide.split('/');
  const right = narrow.split('/');
  for (let level = 0; ; level++) {
    const x = left[level];
    const y = right[level];
    if (x === '#') return true;
    if (x === undefined || y === undefined || y === '#') return x === y;
    if (x !== '+' && x !== y) return false;
  }
}

export function hasWildcard(filter: string): boolean {
  return /[+#]/.test(filter);
}
