/** SMP packets: which command of which group, what is asked or answered, and what is wrong with it. */
import {
  type CborMap,
  COMMAND,
  decodeLenient,
  decodePacket,
  decodeRecord,
  HEADER_BYTES,
  IMAGE_COMMAND,
  IMAGE_GROUP,
  OP,
  OS_COMMAND,
  OS_GROUP,
  REFUSAL,
  type SmpPacket,
  TIMEBAND_GROUP,
  TimebandError,
} from '@timeband/protocol';
import {
  annotate,
  annotatePacket,
  coseLabel,
  COMMAND_LABELS,
  type Label,
} from '@timeband/protocol/cbor-text';
import { bad, type Finding, good, unjudged, type Judgement } from './finding.js';
import { inWords, plain } from './plain.js';
import { labelOf as labelOfRecord } from './record.js';

/** What reading needs of a command, whatever it is about. */
interface Command {
  readonly id: number;
  readonly op: 'read' | 'write';
  readonly name: string;
  readonly decodeRequest: (body: CborMap) => unknown;
  readonly decodeAnswer: (body: CborMap) => unknown;
}
const COMMANDS: readonly (Command & { readonly key: keyof typeof COMMAND })[] = Object.entries(COMMAND).map(
  ([key, command]) => ({ ...(command as Command), key: key as keyof typeof COMMAND }),
);

const GROUPS: Readonly<
  Partial<Record<number, { name: string; commands: Readonly<Record<string, number>> }>>
> = {
  [OS_GROUP]: { name: 'OS', commands: OS_COMMAND },
  [IMAGE_GROUP]: { name: 'image', commands: IMAGE_COMMAND },
  2: { name: 'statistics', commands: {} },
  3: { name: 'settings', commands: {} },
  8: { name: 'file', commands: {} },
  9: { name: 'shell', commands: {} },
};

/** SMP's own result codes (Zephyr, SMP protocol specification). */
const RC_NAMES: Readonly<Partial<Record<number, string>>> = {
  1: 'unknown error',
  2: 'no memory',
  3: 'invalid value',
  4: 'timed out',
  5: 'no such entry',
  6: 'bad state',
  7: 'the answer does not fit',
  8: 'not supported',
  9: 'corrupt',
  10: 'busy',
  11: 'access denied: it demands a session',
};
const REFUSAL_NAMES = Object.fromEntries(
  Object.entries(REFUSAL).map(([name, rc]) => [
    rc,
    name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
  ]),
);

/** Whether the bytes can be meant as a packet: a header whose reserved bits are clear, before a map. */
export function looksLikePacket(bytes: Uint8Array): boolean {
  const [head = 0xff, flags] = bytes;
  const first = bytes[HEADER_BYTES];
  const length = (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0);
  const hasGroup = (bytes[4] ?? 0) === 0;
  return (
    head < 0x10 &&
    (head & 7) <= OP.writeResponse &&
    flags === 0 &&
    hasGroup &&
    length > 0 &&
    first !== undefined &&
    first >> 5 === 5
  );
}

export function decodePacketBytes(bytes: Uint8Array): Finding {
  let packet: SmpPacket;
  try {
    packet = decodePacket(bytes);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    const lines = bytes.length >= HEADER_BYTES ? annotatePacket(bytes) : annotate(bytes);
    return { what: 'SMP packet', bytes: bytes.length, says: '', lines, verdicts: [bad(error)], parts: [] };
  }
  const { says, verdicts, value } = readPacket(packet);
  const { op, group, sequence, id } = packet;
  return {
    ...{ what: 'SMP packet', bytes: bytes.length, says, verdicts, parts: [] },
    lines: annotatePacket(bytes, labelOf(packet)),
    value: { op: opName(op), group, sequence, id, body: value },
  };
}

interface Reading {
  readonly says: string;
  readonly verdicts: readonly Judgement[];
  readonly value?: unknown;
}

/** `status asks: seen 41`, `status answers: head 42, sealed 30, boot 3`. */
export function readPacket(packet: SmpPacket): Reading {
  const { op, payload } = packet;
  const isRequest = op === OP.read || op === OP.write;
  const name = commandName(packet);
  const does = isRequest ? 'asks' : 'answers';
  let body: CborMap;
  try {
    const value = decodeLenient(payload);
    if (!(value instanceof Map))
      return {
        says: `${name} ${does}`,
        verdicts: [bad({ code: 'smp/answer', message: 'the body is no map' })],
      };
    body = value as CborMap;
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { says: `${name} ${does}`, verdicts: [bad(error)] };
  }
  const refusal = isRequest ? undefined : refusalIn(body);
  if (refusal !== undefined)
    return { says: `${name} refuses: ${refusal}`, verdicts: [good('well-formed')], value: plain(body) };
  if (!isRequest && body.size === 1 && body.get('rc') === 0)
    return { says: `${name} answers: done`, verdicts: [good('well-formed')], value: plain(body) };
  if (body.size === 1 && body.get(0) instanceof Uint8Array && packet.group === TIMEBAND_GROUP)
    return {
      says: `${name} ${does}, encrypted in a session`,
      verdicts: [unjudged('only its two ends can read it')],
      value: plain(body),
    };
  const command = commandOf(packet);
  if (command === undefined) {
    const says = body.size === 0 ? `${name} ${does}` : `${name} ${does}: ${inWords(plain(body))}`;
    return { says, verdicts: [good('well-formed')], value: plain(body) };
  }
  try {
    const value = plain(isRequest ? command.decodeRequest(body) : command.decodeAnswer(body));
    const empty = value === undefined;
    return {
      says: `${name} ${does}${empty ? '' : `: ${inWords(value)}`}`,
      verdicts: [good('well-formed')],
      value,
    };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { says: `${name} ${does}`, verdicts: [bad(error)], value: plain(body) };
  }
}

/** `identity`, `OS echo`, `command 7 of group 3`. */
export function commandName(packet: SmpPacket): string {
  const { group, id } = packet;
  const command = commandOf(packet);
  if (command !== undefined) return command.name;
  const known = GROUPS[group];
  if (known === undefined) return `command ${id} of group ${group}`;
  const name = Object.entries(known.commands).find(([, number]) => number === id)?.[0];
  return `${known.name} ${name ?? `command ${id}`}`;
}

/** The names of a packet's fields, for its commented hexadecimal; those of records by their kinds. */
export function labelOf(packet: SmpPacket): Label {
  const command = commandOf(packet);
  if (command === undefined) return {};
  const isRequest = packet.op === OP.read || packet.op === OP.write;
  const label = COMMAND_LABELS[command.key][isRequest ? 'request' : 'answer'] ?? {};
  const records = isRequest ? {} : recordFields(command.key, packet.payload);
  return { ...label, fields: { ...label.fields, ...records, 0: { ...coseLabel(), name: 'encrypted' } } };
}

function recordFields(key: keyof typeof COMMAND, payload: Uint8Array): Label['fields'] {
  const body = bodyOrNothing(payload);
  if (key === 'status') return { 5: { name: 'newest', content: labelOfBytes(body?.get(5)) } };
  if (key !== 'records') return {};
  const records = body?.get(1);
  const each = Array.isArray(records) ? (records as readonly unknown[]) : [];
  return { 1: { name: 'records', elements: each.map((one) => ({ content: labelOfBytes(one) })) } };
}

function labelOfBytes(bytes: unknown): Label {
  try {
    return bytes instanceof Uint8Array ? labelOfRecord(decodeRecord(bytes)) : {};
  } catch (error) {
    if (error instanceof TimebandError) return labelOfRecord({ kind: 0 });
    throw error;
  }
}

function bodyOrNothing(payload: Uint8Array): CborMap | undefined {
  try {
    const body = decodeLenient(payload);
    return body instanceof Map ? (body as CborMap) : undefined;
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}

function commandOf({ group, id, op }: SmpPacket): (typeof COMMANDS)[number] | undefined {
  if (group !== TIMEBAND_GROUP) return undefined;
  const direction = op === OP.read || op === OP.readResponse ? 'read' : 'write';
  return COMMANDS.find((command) => command.id === id && command.op === direction);
}

/** In words: `5 of group 84, stale nonce`. */
function refusalIn(body: CborMap): string | undefined {
  const err = body.get('err');
  const [rc, group] =
    err instanceof Map ? [(err as CborMap).get('rc'), (err as CborMap).get('group')] : [body.get('rc')];
  if (typeof rc !== 'number' || rc === 0) return undefined;
  const name = group === TIMEBAND_GROUP ? REFUSAL_NAMES[rc] : RC_NAMES[rc];
  const where = typeof group === 'number' ? ` of group ${group}` : '';
  return `${rc}${where}${name === undefined ? '' : `, ${name}`}`;
}

function opName(op: SmpPacket['op']): string {
  return ['read', 'read response', 'write', 'write response'][op] ?? '';
}
