/** SMP packets, commands of group 84, and serial lines. */
import { concat, fromHex, toHex } from '../../bytes.js';
import { type CborMap, encode, entries } from '../../cbor/index.js';
import {
  align,
  annotate,
  certificateLabel,
  coseLabel,
  punchLabel,
  recordLabel,
  sealLabel,
  type Label,
} from '../../cbor-text/index.js';
import {
  COMMAND,
  encodeFrame,
  encodePacket,
  OP,
  OUTCOME,
  TIMEBAND_GROUP,
  type Command,
  type Op,
} from '../../smp/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';
import { boot, certificates, logId, nonce, punch, seal } from './scene.js';

const OPS = ['read', 'read response', 'write', 'write response'];

/** Commented lines of a packet: its header and its body. */
export function annotatePacket(bytes: Uint8Array, body: Label = {}): string[] {
  const hex = (from: number, to: number): string => toHex(bytes.subarray(from, to));
  const header = `${hex(0, 1)} ${hex(1, 2)} ${hex(2, 4)} ${hex(4, 6)} ${hex(6, 7)} ${hex(7, 8)}`;
  const [op = 0, , , length = 0, , group = 0, sequence = 0, id = 0] = bytes;
  const comment = `${OPS[op & 7] ?? 'no operation'}, ${length} bytes, group ${group}, sequence ${sequence}, command ${id}`;
  return [...align([{ hex: header, comment }]), ...annotate(bytes.subarray(8), body)];
}

const SEQUENCE = 7;
const packetOf = (op: Op, id: number, payload: Uint8Array): Uint8Array =>
  encodePacket({ op, group: TIMEBAND_GROUP, sequence: SEQUENCE, id, payload });

/** Request and answer of a command. */
function exchange<Request, Answer>(
  command: Command<Request, Answer>,
  request: NoInfer<Request>,
  answer: NoInfer<Answer>,
  labels: { readonly request?: Label; readonly answer?: Label } = {},
): VectorCase[] {
  const { id, name, op } = command;
  const context = { command: name };
  const [asks, answers] = op === 'read' ? [OP.read, OP.readResponse] : [OP.write, OP.writeResponse];
  const asked = packetOf(asks, id, encode(command.encodeRequest(request)));
  const answered = packetOf(answers, id, encode(command.encodeAnswer(answer)));
  const says = (named: string, body: unknown) => ({ op: named, ...(body === undefined ? {} : { body }) });
  return [
    valid(`${name}, ${op}: request`, asked, says(op, request), {
      context,
      lines: annotatePacket(asked, labels.request),
    }),
    valid(`${name}, ${op}: answer`, answered, says(`${op}Response`, answer), {
      context,
      lines: annotatePacket(answered, labels.answer),
    }),
  ];
}

const identity = {
  ...{ device: 'reader-1', firmware: '1.0.0', hardware: 'reader-a', boot: 1 },
  ...{ logId, epoch: 2, oldest: 1, acked: 0 },
};
const label1 = (label: Label): Label => ({ fields: { 1: label } });
const signed = (name: string, payload?: Label): Label => label1({ ...coseLabel(payload), name });

export const commands = (): VectorFile => {
  const { status } = COMMAND;
  const unseen = { head: 2, sealed: 1, boot: 1, full: false };
  const answer = (body: CborMap): Uint8Array => packetOf(OP.readResponse, status.id, encode(body));
  const about = (bytes: Uint8Array, more: Readonly<Record<string, unknown>> = {}) => ({
    context: { command: 'status', ...more },
    lines: annotatePacket(bytes),
  });
  const refusedCase = (name: string, body: CborMap): VectorCase => {
    const bytes = answer(body);
    return invalid(name, bytes, 'smp/device', about(bytes));
  };
  const broken = (name: string, payload: Uint8Array, code: Parameters<typeof invalid>[2]): VectorCase => {
    const bytes = packetOf(OP.readResponse, status.id, payload);
    return invalid(name, bytes, code, about(bytes));
  };
  const forgetful = answer(status.encodeAnswer(unseen));
  return vectorFile(
    {
      structure: 'smp-command',
      section: 'Commands',
      about: 'Requests and answers of group 84, with their header. The context names the command.',
    },
    {},
    [
      ...exchange(COMMAND.identity, undefined, identity),
      ...exchange(COMMAND.identity, undefined, {
        ...identity,
        previous: { logId: nonce, seq: 9, head: new Uint8Array(32).fill(9) },
      })
        .slice(1)
        .map((one) => ({ ...one, name: 'identity, read: answer of a later epoch' })),
      ...exchange(
        status,
        { seen: 1 },
        { ...unseen, newest: punch },
        {
          request: label1({ name: 'seen' }),
          answer: {
            fields: {
              1: { name: 'head' },
              2: { name: 'sealed' },
              3: { name: 'boot' },
              4: { name: 'full' },
              5: { ...recordLabel(punchLabel), name: 'newest', content: recordLabel(punchLabel) },
            },
          },
        },
      ),
      ...exchange(COMMAND.records, { from: 1, bytes: 352 }, [boot, punch]),
      ...exchange(COMMAND.seal, { nonce, upto: 2 }, seal, { answer: signed('seal', sealLabel) }),
      ...exchange(COMMAND.ack, seal, { acked: 2 }, { request: signed('ack') }),
      ...exchange(COMMAND.clockNonce, undefined, nonce.subarray(0, 8)),
      ...exchange(COMMAND.clock, seal, undefined, { request: signed('clock document') }),
      ...exchange(COMMAND.feedback, { seq: 2, outcome: 'accepted', minutes: 45, balance: 120 }, undefined),
      ...exchange(COMMAND.hello, certificates.gateway, undefined, {
        request: label1({ ...certificateLabel, name: 'certificate' }),
      }),
      ...exchange(COMMAND.certificate, undefined, certificates.reader, {
        answer: label1({ ...certificateLabel, name: 'certificate' }),
      }),
      ...handshakes(),
      ...exchange(COMMAND.policies, undefined, [
        { type: 3, number: 7 },
        { type: 5, number: 1 },
      ]),
      ...exchange(
        COMMAND.put,
        { what: 'policy', offset: 0, data: fromHex('0102030405'), total: 900 },
        { next: 5 },
      ),
      ...exchange(
        COMMAND.challenge,
        { nonce, what: 'punch', challenger: 'reader-1', service: 7, direction: 'in' },
        seal,
        { answer: signed('answer') },
      ),
      ...exchange(COMMAND.meet, { nonce, service: 7 }, nonce),
      ...exchange(COMMAND.attest, { statement: fromHex('a0'), answer: seal }, seal),
      refusedCase(
        'refused in the form of version 2',
        new Map([
          [
            'err',
            new Map([
              ['rc', 8],
              ['group', 84],
            ]),
          ],
        ]),
      ),
      refusedCase('refused in the form of version 1', new Map([['rc', 8]])),
      broken('an answer that is no map', encode([1]), 'smp/answer'),
      broken('an answer that lacks a field', encode(entries([1, 2])), 'cbor/shape'),
      broken('an answer with a tag in it', fromHex('a101c100'), 'cbor/tag'),
      invalid('a head below what is stored', forgetful, 'log/rollback', about(forgetful, { stored: 3 })),
      unknownOutcome(),
    ],
  );
};

/** The first step of either method, and one that carries a message. */
function handshakes(): VectorCase[] {
  const { handshake } = COMMAND;
  const named = (name: string, cases: readonly VectorCase[]): VectorCase[] =>
    cases.map((one) => ({ ...one, name: `${one.name}, ${name}` }));
  return [
    ...named('EDHOC begins', exchange(handshake, { method: 'edhoc' }, nonce)),
    ...named('by MAC begins', exchange(handshake, { method: 'mutualMac', nonce }, nonce)),
    ...named('a message', exchange(handshake, { message: nonce }, undefined)),
  ];
}

function unknownOutcome(): VectorCase {
  const bytes = packetOf(OP.write, COMMAND.feedback.id, encode(entries([1, 2], [2, 1 + OUTCOME.queued])));
  return invalid('feedback with an outcome that nobody defined', bytes, 'cbor/shape', {
    context: { command: 'feedback' },
    lines: annotatePacket(bytes),
  });
}

const request = packetOf(OP.read, COMMAND.status.id, encode(COMMAND.status.encodeRequest({ seen: 1 })));

export const packets = (): VectorFile => {
  const indefinite = packetOf(OP.readResponse, COMMAND.status.id, fromHex('bf627263 00ff'.replace(' ', '')));
  const about = (bytes: Uint8Array) => ({ lines: annotatePacket(bytes) });
  const unknown = Uint8Array.from(request, (byte, i) => (i === 0 ? 0x0c : byte));
  const header = { group: TIMEBAND_GROUP, sequence: SEQUENCE, id: COMMAND.status.id };
  return vectorFile(
    {
      structure: 'smp-packet',
      section: 'SMP',
      about: 'An 8-byte header and one CBOR map under the lenient profile.',
    },
    {},
    [
      valid('a request', request, { ...header, op: OP.read, payload: { 1: 1 } }, about(request)),
      valid(
        'an answer of indefinite length',
        indefinite,
        { ...header, op: OP.readResponse, payload: { rc: 0 } },
        about(indefinite),
      ),
      invalid('shorter than a header', request.subarray(0, 7), 'smp/header', {
        lines: [toHex(request.subarray(0, 7))],
      }),
      invalid('an operation that SMP does not have', unknown, 'smp/header', about(unknown)),
      invalid(
        'a byte fewer than the header promises',
        request.subarray(0, -1),
        'smp/length',
        about(request.subarray(0, -1)),
      ),
    ],
  );
};

/** Characters of base64 on one line of commented hexadecimal. */
const PIECE = 32;
const MARKERS: Readonly<Partial<Record<string, string>>> = { '0609': 'first line', '0414': 'further line' };

/** Commented lines of what stands on a serial port: marker, base64, newline. */
function annotateFrame(bytes: Uint8Array): string[] {
  const lines: { hex: string; comment: string }[] = [];
  const text = new TextDecoder('latin1');
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const marker = toHex(bytes.subarray(start, start + 2));
    const comment = MARKERS[marker];
    if (comment !== undefined) lines.push({ hex: marker, comment });
    for (let at = comment === undefined ? start : start + 2; at < end; at += PIECE) {
      const piece = bytes.subarray(at, Math.min(at + PIECE, end));
      lines.push({ hex: toHex(piece), comment: text.decode(piece).replaceAll('#', 'no.') });
    }
    if (newline >= 0) lines.push({ hex: '0a', comment: '' });
    start = end + 1;
  }
  return align(lines);
}

export const frames = (): VectorFile => {
  const newest = packetOf(
    OP.readResponse,
    COMMAND.status.id,
    encode(COMMAND.status.encodeAnswer({ head: 2, sealed: 1, boot: 1, full: false, newest: punch })),
  );
  const long = packetOf(OP.readResponse, COMMAND.seal.id, encode(COMMAND.seal.encodeAnswer(seal)));
  const line = encodeFrame(request);
  const lines = encodeFrame(long);
  const at = (index: number, byte: number): Uint8Array =>
    Uint8Array.from(line, (old, i) => (i === index ? byte : old));
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const good = (name: string, bytes: Uint8Array, packet: Uint8Array, discarded = 0): VectorCase =>
    valid(name, bytes, { packets: [packet], discarded }, { lines: annotateFrame(bytes) });
  const bad = (name: string, bytes: Uint8Array, code: Parameters<typeof invalid>[2]): VectorCase =>
    invalid(name, bytes, code, { lines: annotateFrame(bytes) });
  return vectorFile(
    {
      structure: 'serial-frame',
      section: 'Serial',
      about:
        'Lines of a serial port and the packet in them. `discarded` counts the bytes that belong to no packet.',
    },
    {},
    [
      good('a packet in one line', line, request),
      good('an answer in one line', encodeFrame(newest), newest),
      good('a packet in three lines', lines, long),
      good('a console’s words before the packet', concat(text('*** Booting ***\n'), line), request, 16),
      bad(
        'a line longer than 127 bytes',
        concat(fromHex('0609'), text('A'.repeat(128)), Uint8Array.of(0x0a)),
        'frame/overlong',
      ),
      bad('a character that is not base64', at(4, 0x2a), 'frame/base64'),
      bad(
        'a line that is not whole groups of four',
        concat(line.subarray(0, -2), Uint8Array.of(0x0a)),
        'frame/base64',
      ),
      bad('more bytes than the length says', at(4, 0x45), 'frame/length'),
      bad('a packet with one bit changed', at(6, line[6] === 0x42 ? 0x43 : 0x42), 'frame/crc'),
      bad('a further line without a first one', lines.subarray(127), 'frame/orphan'),
      bad(
        'a first line without the further ones, and then another',
        concat(lines.subarray(0, 127), line),
        'frame/truncated',
      ),
    ],
  );
};
