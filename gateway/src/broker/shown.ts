/** A client's topic can be 64 KB long; a log line shows its beginning. */
export function shown(topic: string): string {
  return topic.length > 100 ? `${topic.slice(0, 100)}…` : topic;
}
