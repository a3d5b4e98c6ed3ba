/** How well packets travel: echoes of several sizes, timed. */
import { OS_COMMAND, OS_GROUP, SmpError, type SmpRequest } from '@timeband/protocol';
import type { OpenDevice } from '../../target/index.js';
import { type HealthFinding, ill, look, well } from './examination.js';

export interface LinkQuality {
  readonly sent: number;
  readonly lost: number;
  /** Came back as something else than was sent. */
  readonly damaged: number;
  /** Packets that were none: CRC, length, framing. */
  readonly faults: number;
  /** Milliseconds of a round trip; absent where none came back. */
  readonly median?: number;
  readonly longest?: number;
}

const ECHOES = 40;
/** Room that header and CBOR need beside the text. */
const OVERHEAD_BYTES = 24;
const SHORT_TEXT = 16;

/**
 * @param faults how many there were on this link so far
 * @param now milliseconds of a clock that only goes forward
 */
export async function measureLink(
  { client, parameters }: OpenDevice,
  faults: () => number,
  now: () => number,
): Promise<LinkQuality> {
  const before = faults();
  let longestText = Math.max(SHORT_TEXT, Math.min(512, parameters.bufferBytes - OVERHEAD_BYTES));
  const times: number[] = [];
  let [lost, damaged] = [0, 0];
  for (let i = 0; i < ECHOES; i++) {
    const text = 'abcdefghijklmnop'.repeat(32).slice(0, Math.ceil((longestText * ((i % 4) + 1)) / 4));
    const asked = now();
    try {
      const answer = await client.request(echoRequest(text));
      if (answer.get('r') === text) times.push(now() - asked);
      else damaged++;
    } catch (error) {
      if (!(error instanceof SmpError)) throw error;
      // A server may have less room for echoes than for packets: a refusal came back all the same.
      if (error.code === 'smp/device') longestText = SHORT_TEXT;
      else lost++;
    }
  }
  times.sort((a, b) => a - b);
  const [median, longest] = [times[times.length >> 1], times.at(-1)];
  return {
    ...{ sent: ECHOES, lost, damaged, faults: faults() - before },
    ...(median !== undefined && longest !== undefined && { median, longest }),
  };
}

export function judgeLink(
  { sent, lost, damaged, faults, median = 0, longest = 0 }: LinkQuality,
  isRadio: boolean,
): HealthFinding {
  const bad = lost + damaged + faults;
  const times = `${Math.round(median)} ms there and back, at most ${Math.round(longest)}`;
  const advice = isRadio
    ? 'Go nearer, away from metal and USB 3 hubs.'
    : 'Try another cable and another socket, without a hub. If it stays, is the line speed right on both sides?';
  if (bad === 0) return well('link', `${sent} of ${sent} echoes came back, ${times}`);
  const says = `of ${sent} echoes ${lost} were lost and ${damaged} damaged, ${faults} broken packets; ${times}`;
  return bad > sent / 10 ? ill('link', says, advice) : look('link', says, advice);
}

/** Repeated by nobody: a lost one is what is looked for. */
function echoRequest(text: string): SmpRequest {
  return {
    ...{ op: 'write', group: OS_GROUP, id: OS_COMMAND.echo, name: 'echo', idempotent: false },
    body: new Map([['d', text]]),
  };
}
