/** A reader in memory, for tests: a link whose far end answers SMP from a table that a test may change. */
import {
  type CborMap,
  COMMAND,
  decodePacket,
  encode,
  encodePacket,
  genesisHash,
  type Identity,
  issueCertificate,
  keyThumbprint,
  type Link,
  type LinkHandlers,
  logIdOf,
  OP,
  OS_GROUP,
  PrivateKey,
  type Role,
  type SmpPacket,
  type Status,
} from '@timeband/protocol';

export const SITE = 'dahaiyang';
export const NOW = 1_750_000_000;
export const issuerKey = PrivateKey.generate();
const readerKey = PrivateKey.generate();

export function certify(subject: string, role: Role = 'reader', key = readerKey, by = issuerKey): Uint8Array {
  return issueCertificate(by, {
    ...{ issuer: 'dahaiyang-issuer', subject, role, site: SITE },
    ...{ notBefore: NOW - 100, expires: NOW + 100, key: key.publicKey },
  });
}

export const issuerCertificate = certify('dahaiyang-issuer', 'issuer', issuerKey);

const thumbprint = keyThumbprint(readerKey.publicKey);
export const identity: Identity = {
  device: 'reader-1',
  ...{ firmware: '1.0.0', hardware: 'test-reader', boot: 3 },
  logId: logIdOf(genesisHash({ site: SITE, device: 'reader-1', thumbprint, epoch: 1 })),
  ...{ epoch: 1, oldest: 5, acked: 20 },
};
export const certificate = certify('reader-1');
export const status: Status = { head: 42, sealed: 30, boot: 3, full: false };

/** What the device answers: a map, or nothing at all. */
export type Answer = CborMap | 'silence';
export interface Answers {
  readonly parameters: Answer;
  readonly identity: Answer;
  readonly certificate: Answer;
  readonly status: Answer;
}

export const goodAnswers: Answers = {
  parameters: new Map([
    ['buf_size', 512],
    ['buf_count', 4],
  ]),
  identity: COMMAND.identity.encodeAnswer(identity),
  certificate: COMMAND.certificate.encodeAnswer(certificate),
  status: COMMAND.status.encodeAnswer(status),
};

export const refusal = (rc: number): CborMap => new Map([['rc', rc]]);

export class FakeDevice implements Link {
  readonly name = 'fake';
  /** Names of what was asked, in order. */
  readonly asked: string[] = [];
  closed = false;
  private handlers: LinkHandlers | undefined;

  constructor(
    private readonly answers: Answers = goodAnswers,
    /** Called when a question comes that is not answered. */
    private readonly onSilence: () => void = () => undefined,
  ) {}

  start(handlers: LinkHandlers): void {
    this.handlers = handlers;
  }

  send(bytes: Uint8Array): void {
    const request = decodePacket(bytes);
    const name = nameOf(request);
    this.asked.push(name);
    const answer = this.answers[name];
    if (answer === 'silence') {
      queueMicrotask(this.onSilence);
      return;
    }
    const packet = encodePacket({ ...request, op: OP.readResponse, payload: encode(answer) });
    queueMicrotask(() => this.handlers?.packet(packet));
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.handlers?.closed();
    }
    return Promise.resolve();
  }
}

function nameOf({ group, id }: SmpPacket): keyof Answers {
  if (group === OS_GROUP) return 'parameters';
  return (['identity', 'certificate'] as const).find((name) => COMMAND[name].id === id) ?? 'status';
}
