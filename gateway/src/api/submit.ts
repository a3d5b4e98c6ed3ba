/**
 * What people decided and approved comes in: a correction, a transfer, an enrolment, with the signatures of operators whose
 * keys are not on this box. Whoever brings it, by whatever way, it is verified, goes into the gateway's own log, becomes an
 * event, and the ledger takes it from there, as from any device. There is no other way to a minute.
 */
import {
  actionId,
  type Approval,
  approvedBody,
  CborError,
  CertificateError,
  EvidenceError,
  KIND,
  readBody,
  RecordError,
  TimebandError,
  toHex,
  verifyApprovals,
} from '@timeband/protocol';
import { z } from 'zod';
import { type Ledger, nameOf } from '../ledger/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { Store } from '../store/index.js';
import type { Approvers } from '../verify/index.js';
import { ApiProblem } from './problem.js';

const base64 = z.base64().max(4_096);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export const submission = z
  .strictObject({
    kind: z.enum(['correct', 'transfer', 'enrol']),
    action: base64.meta({ description: 'The bytes that were approved: SPEC.md, Approvals.' }),
    approvals: z
      .array(
        z.union([
          z.strictObject({
            message: base64.meta({ description: 'COSE_Sign1 of purpose approve, the action detached.' }),
          }),
          z.strictObject({
            kid: base64.meta({ description: 'Key id of the operator’s certificate.' }),
            authenticatorData: base64,
            clientDataJSON: base64,
            signature: base64,
          }),
        ]),
      )
      .max(4),
  })
  .meta({ id: 'Submission', description: 'What was decided, and who approved it: bandctl approve.' });
export type Submission = z.output<typeof submission>;

export const submitted = z
  .object({
    event: z.int().meta({ description: 'Position of the event that it became.' }),
    record: z.object({ device: z.string(), seq: z.int() }),
    repeated: z.boolean().meta({ description: 'It was there before: nothing was done again.' }),
    approvedBy: z.array(z.string()),
    accounts: z
      .array(
        z.object({
          account: z.string(),
          outcome: z.string().meta({ description: '`posted`, or why not.' }),
          change: z.int(),
          balance: z.int(),
        }),
      )
      .meta({ description: 'What it came to.' }),
  })
  .meta({ id: 'Submitted' });
export type Submitted = z.output<typeof submitted>;

export interface SubmissionsOptions {
  readonly site: string;
  readonly gateway: string;
  readonly approvers: Approvers;
  readonly ownLog: Pick<OwnLog, 'log'>;
  readonly ledger: Ledger;
  readonly store: Pick<Store, 'ledger' | 'events' | 'lastCommit' | 'eventOfRecord'>;
}

type Read = Extract<ReturnType<typeof readBody>, { kind: 'enrol' | 'correct' | 'transfer' }>;

export class Submissions {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SubmissionsOptions) {}

  /** Resolves when it is durable. The same again changes nothing. @throws ApiProblem */
  submit(given: unknown): Promise<Submitted> {
    const turn = this.last.then(() => this.take(given));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async take(given: unknown): Promise<Submitted> {
    const parsed = submission.safeParse(given);
    if (!parsed.success) throw new ApiProblem('api/parameters', z.prettifyError(parsed.error));
    try {
      return await this.log(parsed.data);
    } catch (error) {
      throw asProblem(error);
    }
  }

  private async log({ kind, action, approvals }: Submission): Promise<Submitted> {
    const { site, gateway, approvers, ownLog, store } = this.options;
    const body = approvedBody(bytes(action), approvals.map(readApproval));
    const read = readBody(KIND[kind], body) as Read;
    const approvedBy = [...verifyApprovals(read, { site, ...approvers })];
    const before = this.eventOf(read);
    if (before !== undefined) return this.answer(read, before, { repeated: true, approvedBy });
    const head = store.lastCommit()?.last ?? 0;
    const logged = await ownLog.log(KIND[kind], body);
    if (logged === undefined) {
      throw new ApiProblem(
        'api/closed',
        'this gateway logs nothing just now: its clock is not set, its disk takes nothing, or another gateway is the site’s primary',
      );
    }
    const event = store.eventOfRecord(gateway, logged.seq, head + 1, store.lastCommit()?.last ?? head);
    if (event === undefined) throw new ApiProblem('api/refused', 'it was stored, and put aside for review');
    return this.answer(read, event, { repeated: false, approvedBy });
  }

  /** The event that it is in already. */
  private eventOf(read: Read): number | undefined {
    const { ledger } = this.options.store;
    const action = toHex(actionId(read.value.bytes));
    if (read.kind !== 'enrol') return ledger.eventsNaming(nameOf.action(action))[0];
    return ledger.bindingsOf(read.value.action.account).find((row) => row.action === action)?.event;
  }

  private answer(
    read: Read,
    event: number,
    { repeated, approvedBy }: Pick<Submitted, 'repeated' | 'approvedBy'>,
  ): Submitted {
    const [row] = this.options.store.events(event, event);
    if (row === undefined) throw new RangeError(`no event ${event}`);
    const accounts = accountsOf(read).flatMap((name) => this.lineOf(name, event));
    return { event, record: { device: row.device, seq: row.logSeq }, repeated, approvedBy, accounts };
  }

  private lineOf(account: string, event: number): Submitted['accounts'] {
    for (const line of this.options.ledger.lines(account)) {
      if (line.event !== event) continue;
      const { outcome, change, balance } = line;
      return [{ account, outcome, change, balance }];
    }
    return [];
  }
}

function accountsOf(read: Read): string[] {
  switch (read.kind) {
    case 'transfer':
      return [read.value.action.from, read.value.action.to];
    case 'correct':
      return [read.value.action.account];
    case 'enrol':
      return [];
  }
}

function readApproval(given: Submission['approvals'][number]): Approval {
  if ('message' in given) return { by: 'certificate', message: bytes(given.message) };
  const { kid, authenticatorData, clientDataJSON, signature } = given;
  return {
    by: 'webauthn',
    kid: bytes(kid),
    authenticatorData: bytes(authenticatorData),
    clientDataJSON: bytes(clientDataJSON),
    signature: bytes(signature),
  };
}

function asProblem(error: unknown): Error {
  if (!(error instanceof TimebandError)) return error as Error;
  const isTheirs =
    error instanceof RecordError || error instanceof CborError || error instanceof EvidenceError;
  if (isTheirs) return new ApiProblem('api/refused', error.message, error.code);
  if (error instanceof CertificateError) return new ApiProblem('api/closed', error.message, error.code);
  return error;
}
