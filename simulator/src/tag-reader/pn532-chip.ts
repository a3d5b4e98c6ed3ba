/** A PN532 on its serial line (NXP UM0701-02): asleep until woken, acknowledges what is sound, answers when it is asked. */
import { spoilt, type TagReaderFault } from './faults.js';

const ACK = Uint8Array.of(0, 0, 0xff, 0, 0xff, 0);
const ERROR = Uint8Array.of(0, 0, 0xff, 1, 0xff, 0x7f, 0x81, 0);
const START = Buffer.of(0x00, 0xff);
/** No command of ours is longer. */
const MAX_BYTES = 300;
/** PN532, firmware 1.6, ISO 14443 A and B and ISO 18092. */
const FIRMWARE = [0x32, 0x01, 0x06, 0x07];

export class Pn532Chip {
  private isAwake = false;
  private isConfigured = false;
  private rest = Buffer.alloc(0);
  private answer: Uint8Array | undefined;
  private uid: Uint8Array | undefined;
  private readonly faults: TagReaderFault[] = [];

  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  hold(uid: Uint8Array | undefined): void {
    if (uid !== undefined && ![4, 7, 10].includes(uid.length)) {
      throw new RangeError('this reader sees tags of 4, 7 or 10 bytes');
    }
    this.uid = uid;
  }

  misbehave(fault: TagReaderFault): void {
    this.faults.push(fault);
  }

  /** The power was gone. */
  reset(): void {
    this.isAwake = this.isConfigured = false;
    this.rest = Buffer.alloc(0);
    this.answer = undefined;
  }

  receive(bytes: Uint8Array): void {
    if (!this.isAwake) {
      if (!bytes.includes(0x55)) return;
      this.isAwake = true;
    }
    this.rest = Buffer.concat([this.rest, bytes]).subarray(-MAX_BYTES);
    for (let start = this.rest.indexOf(START); start >= 0; start = this.rest.indexOf(START)) {
      const [length = 0, check = 0] = this.rest.subarray(start + 2);
      if (this.rest.length < start + 4) return;
      if (length === 0xff && check === 0) this.repeat();
      // An ACK, from the host, ends what is going on; nothing ever is here.
      const isData = length !== 0 && !(length === 0xff && check === 0);
      const end = start + 4 + (isData ? length + 1 : 0);
      if (isData && ((length + check) & 0xff) !== 0) {
        this.rest = this.rest.subarray(start + 2);
        continue;
      }
      if (this.rest.length < end) return;
      const data = this.rest.subarray(start + 4, end);
      this.rest = this.rest.subarray(end);
      if (isData && sum(data) === 0) this.command(data.subarray(0, -1));
    }
  }

  private command([from, command = 0, ...parameters]: Uint8Array): void {
    if (from !== 0xd4) return;
    this.write(ACK);
    const answer = this.answerTo(command, parameters);
    if (answer === undefined) {
      this.write(ERROR);
      return;
    }
    this.answer = frame(Uint8Array.of(0xd5, command + 1, ...answer));
    this.write(spoilt(this.answer, this.uid === undefined ? undefined : this.faults.shift()));
  }

  private answerTo(command: number, [first]: readonly number[]): readonly number[] | undefined {
    switch (command) {
      case 0x02:
        return FIRMWARE;
      case 0x14:
        this.isConfigured = first === 1;
        return [];
      case 0x32:
        return [];
      case 0x4a: {
        if (!this.isConfigured || first === undefined) return undefined;
        const { uid } = this;
        return uid === undefined ? [0] : [1, 1, 0x00, 0x44, 0x00, uid.length, ...uid];
      }
      default:
        return undefined;
    }
  }

  /** A NACK asks for the last answer again, which comes whole. */
  private repeat(): void {
    if (this.answer !== undefined) this.write(this.answer);
  }
}

function frame(data: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 0, 0xff, data.length, -data.length, ...data, -sum(data), 0);
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
}
