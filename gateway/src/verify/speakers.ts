/** Whose word stands in a record beside that of the device which sealed it. */
import { claimOf, decodeCose, KIND, readAttest, type Record, TimebandError } from '@timeband/protocol';

/** Key ids, as the messages in the record name them; none where it is not sound. */
export function speakersOf(record: Pick<Record, 'kind' | 'body'>): readonly Uint8Array[] {
  try {
    return messagesIn(record).map((message) => decodeCose(message).kid);
  } catch (error) {
    if (error instanceof TimebandError) return [];
    throw error;
  }
}

function messagesIn(record: Pick<Record, 'kind' | 'body'>): readonly Uint8Array[] {
  if (record.kind === KIND.attest) {
    const { provider, recipient } = readAttest(record.body);
    return [provider, recipient];
  }
  const proof = claimOf(record)?.proof;
  return proof?.kind === 'answer' ? [proof.message] : [];
}
