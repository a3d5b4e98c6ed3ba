/** The least that speaks MQTT 3.1.1 on a socket: frames built by hand, so that it is the broker that is measured. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Login {
  readonly port: number;
  readonly clientId: string;
  readonly clean: boolean;
  /** Absent where anybody may log in. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const PUBACK = 0x40;
const SUBACK = 0x90;

export class RawClient {
  /** Called for each PUBLISH; answers are written once for all that came at once. */
  onPublish: (payload: Buffer, id: number) => void = () => undefined;
  /** Called with how many PUBACKs came at once. */
  onAcknowledged: (count: number) => void = () => undefined;
  onSubscribed: (code: number) => void = () => undefined;
  private rest: Buffer = Buffer.alloc(0);
  private answers: number[] = [];
  /** Acknowledges by itself; if not, {@link acknowledge} does. */
  autoAck = true;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
  }

  static async open(login: Login): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port: login.port, noDelay: true });
    await once(socket, 'connect');
    const client = new RawClient(socket);
    socket.write(connectFrame(login));
    const [connack] = (await once(socket, 'data')) as [Buffer];
    if (connack[0] !== 0x20 || connack[3] !== 0) throw new Error(`refused: ${connack.toString('hex')}`);
    client.rest = connack.subarray(4);
    socket.on('data', (bytes: Buffer) => {
      client.read(bytes);
    });
    if (client.rest.length > 0)
      setImmediate(() => {
        client.read(Buffer.alloc(0));
      });
    return client;
  }

  async subscribe(topic: string, qos: 0 | 1): Promise<void> {
    const subscribed = new Promise<number>((resolve) => (this.onSubscribed = resolve));
    const name = Buffer.from(topic);
    const head = [0x82, 5 + name.length, 0, 1, name.length >> 8, name.length & 0xff];
    this.socket.write(Buffer.concat([Buffer.from(head), name, Buffer.from([qos])]));
    if ((await subscribed) === 0x80) throw new Error(`${topic} was refused`);
  }

  acknowledge(ids: readonly number[]): void {
    const out = Buffer.allocUnsafe(ids.length * 4);
    ids.forEach((id, i) => {
      out[i * 4] = PUBACK;
      out[i * 4 + 1] = 2;
      out.writeUInt16BE(id, i * 4 + 2);
    });
    this.socket.write(out);
  }

  private read(bytes: Buffer): void {
    const data = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let at = 0;
    let acknowledged = 0;
    for (;;) {
      const end = frameEnd(data, at);
      if (end === undefined) break;
      const type = (data[at] ?? 0) & 0xf0;
      if (type === PUBACK) acknowledged++;
      else if (type === SUBACK) this.onSubscribed(data[end - 1] ?? 0x80);
      else this.publishIn(data, at, end);
      at = end;
    }
    this.rest = data.subarray(at);
    if (this.answers.length > 0) this.acknowledge(this.answers.splice(0));
    if (acknowledged > 0) this.onAcknowledged(acknowledged);
  }

  private publishIn(data: Buffer, at: number, end: number): void {
    const qos = ((data[at] ?? 0) >> 1) & 3;
    let start = at + 1;
    while ((data[start] ?? 0) & 0x80) start++;
    start++;
    start += 2 + data.readUInt16BE(start);
    const id = qos > 0 ? data.readUInt16BE(start) : 0;
    if (qos > 0) start += 2;
    if (qos > 0 && this.autoAck) this.answers.push(id);
    this.onPublish(data.subarray(start, end), id);
  }
}

/** Offset after the frame that begins at `at`, or nothing while it is not all there. */
function frameEnd(data: Buffer, at: number): number | undefined {
  let length = 0;
  for (let i = 1, factor = 1; i <= 4; i++, factor *= 128) {
    const digit = data[at + i];
    if (digit === undefined) return undefined;
    length += (digit & 0x7f) * factor;
    if ((digit & 0x80) === 0) {
      const end = at + i + 1 + length;
      return end <= data.length ? end : undefined;
    }
  }
  throw new Error('a length of more than four bytes');
}

function connectFrame({ clientId, clean, username, password }: Login): Buffer {
  const flags = (clean ? 2 : 0) | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const fields = [clientId, username, password].filter((field) => field !== undefined).map(field);
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT'),
    Buffer.from([4, flags, 0, 0]),
    ...fields,
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** PUBLISH frames at QoS 1 whose payloads begin with their numbers, `first` and on. */
export function publishFrames(topic: string, bytes: number, first: number, count: number): Buffer {
  const name = Buffer.from(topic);
  const length = 2 + name.length + 2 + bytes;
  const head = length < 128 ? [0x32, length] : [0x32, (length & 0x7f) | 0x80, length >> 7];
  const size = head.length + length;
  const out = Buffer.alloc(size * count);
  for (let i = 0; i < count; i++) {
    const at = i * size;
    out.set(head, at);
    let to = out.writeUInt16BE(name.length, at + head.length);
    to += name.copy(out, to);
    to = out.writeUInt16BE(1 + ((first + i) % 0xffff), to);
    out.writeUInt32BE(first + i, to);
  }
  return out;
}
