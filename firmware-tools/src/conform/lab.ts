/** The bench a device under test stands on: what every check asks of it, and how it is brought into a known state. */
import {
  call,
  COMMAND,
  type Command,
  DEFAULT_PARAMETERS,
  genesisHash,
  type Identity,
  logIdOf,
  isSigning,
  parametersRequest,
  POLICY_TYPE,
  type PutWhat,
  randomBytes,
  RC,
  readParameters,
  readUnverifiedCertificate,
  REFUSAL,
  resetRequest,
  SEAL_NONCE_BYTES,
  SmpError,
  type SmpParameters,
  type SmpRequest,
  type Status,
  TIMEBAND_GROUP,
  TimebandError,
  type Timers,
  type UnverifiedCertificate,
} from '@timeband/protocol';
import { Authority, type Gateway } from './authority.js';
import { expect, NEEDS, Nonconformity, NotApplicable } from './verdict.js';
import { type Answer, Connection, describe } from './connection.js';
import { ConformError } from './errors.js';
import { readSeal, type SealClaims } from './readings.js';
import type { Subject } from './subject.js';

export interface LabOptions {
  readonly timers: Timers;
  readonly timeoutMs: number;
  /** Unix seconds. */
  readonly now: () => number;
}

/** What is known of the device before the first check. */
export interface Facts {
  readonly parameters: SmpParameters & { readonly assumed: boolean };
  readonly identity: Identity;
  readonly certificate: Uint8Array;
  readonly claims: UnverifiedCertificate;
  /** It demands a session on this link. */
  readonly isUntrusted: boolean;
}

/** Until a device that was restarted has to answer again. */
const RESTART_MS = 30_000;
const RETRY_MS = 100;
/** Requests for one document at most, against a device that gets nowhere. */
const MAX_PIECES = 400;

export class Lab {
  private current: Connection | undefined;
  private known: Facts | undefined;
  private isIntroduced = false;
  private readonly owner: Authority | undefined;
  private mine: Gateway | undefined;
  private readonly numbers = new Map<number, number>();

  constructor(
    readonly subject: Subject,
    readonly options: LabOptions,
  ) {
    const { issuer } = subject;
    this.owner = issuer && new Authority(issuer, options.now);
  }

  get connection(): Connection {
    if (this.current === undefined) throw new Error('not connected');
    return this.current;
  }

  get facts(): Facts {
    if (this.known === undefined) throw new Error('not begun');
    return this.known;
  }

  /** @throws NotApplicable without the issuer's key, and where certificates mean nothing */
  get authority(): Authority {
    if (this.owner === undefined) throw new NotApplicable(NEEDS.issuer);
    if (!isSigning(this.facts.claims))
      throw new NotApplicable('a device that only MACs believes no certificates');
    return this.owner;
  }

  /** The gateway that the device works with throughout. */
  get gateway(): Gateway {
    return this.gatewayOf(this.authority);
  }

  now(): number {
    return this.options.now();
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.timers.after(ms, resolve);
    });
  }

  // ---- The way to the device ----

  /** Connects, and learns who it is. @throws ConformError, LinkError */
  async begin(): Promise<Facts> {
    const link = await this.subject.open();
    this.current = new Connection(link, this.options);
    try {
      const { client } = this.current;
      const parameters = await client.request(parametersRequest).then(
        (answer) => ({ ...readParameters(answer), assumed: false }),
        (error: unknown) => {
          if (error instanceof TimebandError && error.code === 'smp/device')
            return { ...DEFAULT_PARAMETERS, assumed: true };
          throw error;
        },
      );
      const isUntrusted = await this.openSession();
      const identity = await call(client, COMMAND.identity, undefined);
      const certificate = await call(client, COMMAND.certificate, undefined);
      const claims = readUnverifiedCertificate(certificate);
      this.known = { parameters, identity, certificate, claims, isUntrusted };
      return this.known;
    } catch (error) {
      await this.close();
      throw cannotBegin(error, this.subject.name);
    }
  }

  /** A new connection, with a session where the device demands one. @throws LinkError, TimebandError */
  async reconnect(): Promise<void> {
    await this.close();
    this.current = new Connection(await this.subject.open(), this.options);
    await this.current.alive();
    await this.openSession();
  }

  /** A new connection and nothing more. */
  async reconnectBare(): Promise<Connection> {
    await this.close();
    this.current = new Connection(await this.subject.open(), this.options);
    await this.current.alive();
    return this.current;
  }

  async close(): Promise<void> {
    this.isIntroduced = false;
    await this.current?.close();
  }

  /** Takes the device's power, or restarts it, and waits until it answers. @throws NotApplicable, Nonconformity */
  async restart(): Promise<void> {
    const { cyclePower } = this.subject;
    if (cyclePower !== undefined) await cyclePower();
    else await this.reset();
    await this.reconnectPatiently();
  }

  /** Connects until it works. @throws Nonconformity when it does not */
  async reconnectPatiently(): Promise<void> {
    const { timers } = this.options;
    const until = timers.now() + RESTART_MS;
    for (;;) {
      try {
        await this.reconnect();
        return;
      } catch (error) {
        if (!(error instanceof TimebandError) || timers.now() >= until)
          throw new Nonconformity(
            `it does not answer again within ${RESTART_MS / 1_000} s: ${String(error)}`,
          );
        await this.wait(RETRY_MS);
      }
    }
  }

  private async reset(): Promise<void> {
    const { boot } = await this.identity();
    const answer = await this.connection.ask(resetRequest);
    if (answer.refusal !== undefined)
      throw new NotApplicable(
        `nobody can take its power (--power-command), and it has no SMP reset: ${describe(answer.body)}`,
      );
    // The answer comes before the restart: it still answers for a moment.
    const { timers } = this.options;
    const until = timers.now() + RESTART_MS;
    while (timers.now() < until) {
      await this.wait(RETRY_MS);
      const now = await this.reconnect()
        .then(() => this.identity())
        .catch((error: unknown) => {
          if (error instanceof TimebandError || error instanceof Nonconformity) return undefined;
          throw error;
        });
      if (now !== undefined && now.boot !== boot) return;
    }
    throw new Nonconformity('it answered "reset" and did not start anew, by its boot counter');
  }

  /** Makes a session as the site's gateway where there has to be one. @throws SessionError, ConformError */
  private async openSession(): Promise<boolean> {
    const { client } = this.connection;
    const { refusal } = await this.answer(COMMAND.identity, undefined);
    if (refusal?.rc !== RC.accessDenied) return false;
    if (this.owner === undefined)
      throw new ConformError(
        'conform/session',
        `${this.subject.name} demands a session, as on a link that anybody can get at: it takes the key and the certificate of its site's issuer (--issuer-key, --issuer)`,
      );
    await client.beginCertified(this.owner.party(this.gatewayOf(this.owner)));
    this.isIntroduced = true;
    return true;
  }

  private gatewayOf(owner: Authority): Gateway {
    return (this.mine ??= owner.gateway());
  }

  // ---- Questions ----

  /** @throws SmpError `smp/timeout`, LinkError, CborError */
  answer<Request, Reply>(command: Command<Request, Reply>, request: Request): Promise<Answer> {
    return this.connection.ask(asRequest(command, request));
  }

  /** @throws Nonconformity where it is refused, or the answer does not have its shape */
  async call<Request, Reply>(command: Command<Request, Reply>, request: Request): Promise<Reply> {
    const { body, refusal } = await this.answer(command, request);
    if (refusal !== undefined) throw new Nonconformity(`"${command.name}" got ${describe(body)}`);
    return command.decodeAnswer(body);
  }

  /** @throws Nonconformity unless it refuses with this code, in whichever form */
  async refuses<Request, Reply>(
    command: Command<Request, Reply>,
    request: Request,
    name: keyof typeof REFUSAL,
    what: string,
  ): Promise<void> {
    const { body, refusal } = await this.answer(command, request);
    this.mustBe(refusal?.rc === REFUSAL[name], what, `refusal ${REFUSAL[name]} (${name})`, body);
  }

  /** The same for a body that is not what its command takes. */
  async rejects(request: Omit<SmpRequest, 'idempotent'>, rc: number, what: string): Promise<Answer> {
    const answer = await this.connection.ask({ ...request, idempotent: false });
    this.mustBe(answer.refusal?.rc === rc, what, `{"rc": ${rc}}`, answer.body);
    return answer;
  }

  private mustBe(holds: boolean, what: string, wanted: string, body: Answer['body']): void {
    expect(holds, `${what}: ${wanted} is wanted, it answered ${describe(body)}`);
  }

  identity(): Promise<Identity> {
    return this.call(COMMAND.identity, undefined);
  }

  /** Without the newest record. */
  async status(): Promise<Status> {
    return this.call(COMMAND.status, { seen: 0xffff_ffff });
  }

  /** Every record from a number on, as bytes, the first one first. */
  async records(from: number): Promise<Uint8Array[]> {
    const { head } = await this.status();
    const all: Uint8Array[] = [];
    while (from + all.length <= head) {
      const some = await this.call(COMMAND.records, { from: from + all.length });
      if (some.length === 0) break;
      all.push(...some);
    }
    return all;
  }

  /** A seal up to a record, up to the newest unless told. What it says is taken as it stands. */
  async seal(upto?: number): Promise<SealClaims> {
    const last = upto ?? (await this.status()).head;
    const nonce = randomBytes(SEAL_NONCE_BYTES);
    const bytes = await this.call(COMMAND.seal, { nonce, upto: last });
    return { ...readSeal(bytes), asked: { nonce, upto: last } };
  }

  /** What the log's id has to be, by who the device is. */
  async genesis(): Promise<Uint8Array> {
    const { device, epoch, previous } = await this.identity();
    const { site, thumbprint } = this.facts.claims;
    return genesisHash({ site, device, thumbprint, epoch, previous });
  }

  async logId(): Promise<Uint8Array> {
    return logIdOf(await this.genesis());
  }

  // ---- What a gateway does ----

  async hello(gateway: Gateway = this.gateway): Promise<void> {
    await this.call(COMMAND.hello, gateway.certificate);
  }

  /** A clock document that answers the device's nonce. */
  async clock(wall: number | undefined = this.now()): Promise<Uint8Array> {
    const nonce = await this.call(COMMAND.clockNonce, undefined);
    return this.gateway.clock({ device: this.facts.identity.device, nonce, wall });
  }

  /** Proves itself to the device on this connection, and sets its clock. */
  async introduce(): Promise<void> {
    if (this.isIntroduced) return;
    await this.hello();
    await this.call(COMMAND.clock, await this.clock());
    this.isIntroduced = true;
  }

  /** Hands a document over, piece after piece. The last answer, or the first refusal. */
  async put(what: PutWhat, bytes: Uint8Array): Promise<Answer> {
    let offset = 0;
    for (let pieces = 0; pieces < MAX_PIECES; pieces++) {
      const data = bytes.subarray(offset, offset + PIECE_BYTES);
      const total = offset === 0 ? bytes.length : undefined;
      const answer = await this.answer(COMMAND.put, { what, offset, data, total });
      if (answer.refusal !== undefined) return answer;
      offset = COMMAND.put.decodeAnswer(answer.body).next;
      if (offset >= bytes.length) return answer;
    }
    throw new Nonconformity(`a document of ${bytes.length} bytes does not get further`);
  }

  /** @throws Nonconformity unless it is taken */
  async hand(what: PutWhat, bytes: Uint8Array): Promise<void> {
    const { body, refusal } = await this.put(what, bytes);
    expect(refusal === undefined, `a ${what} document that holds got ${describe(body)}`);
  }

  /** A number that no document of the type has had. */
  async nextNumber(type: number): Promise<number> {
    const held = await this.call(COMMAND.policies, undefined);
    const newest = held.find((policy) => policy.type === type)?.number ?? 0;
    const number = Math.max(newest, this.numbers.get(type) ?? 0) + 1;
    this.numbers.set(type, number);
    return number;
  }

  /** Has the device log something: it takes a catalogue, and says so in its log. @returns the newest number */
  async logSomething(): Promise<number> {
    await this.introduce();
    const before = (await this.status()).head;
    const number = await this.nextNumber(POLICY_TYPE.catalogue);
    await this.hand('policy', this.authority.policy(number, { type: 'catalogue', body: new Map() }));
    const { head } = await this.status();
    expect(head > before, 'a policy document was taken, and nothing was logged');
    return head;
  }

  /** Acknowledges everything, so that nothing is waiting. */
  async settle(): Promise<void> {
    const { head } = await this.status();
    const { acked } = await this.identity();
    if (acked === head) return;
    const { seal } = await this.seal(head);
    await this.hello();
    const ack = this.gateway.ack({ logId: await this.logId(), upto: head, hash: seal.hashLast });
    await this.call(COMMAND.ack, ack);
  }
}

/** Leaves room for the rest of a piece in the smallest buffer, in a session too. */
const PIECE_BYTES = 200;

/** One of group 84's commands as a request. */
export function asRequest<Request, Reply>(
  { op, id, name, encodeRequest }: Command<Request, Reply>,
  request: Request,
): SmpRequest {
  return { op, id, name, group: TIMEBAND_GROUP, idempotent: false, body: encodeRequest(request) };
}

function cannotBegin(error: unknown, name: string): unknown {
  if (!(error instanceof TimebandError)) return error;
  if (error instanceof SmpError && error.rc === REFUSAL.notProvisioned && error.code === 'smp/device')
    return new ConformError(
      'conform/blank',
      `${name} belongs to no site yet: provision it first (bandctl provision)`,
      { cause: error },
    );
  if (error.code === 'smp/timeout')
    return new ConformError('conform/silent', `nothing answers on ${name}: ${error.message}`, {
      cause: error,
    });
  return error;
}
