/** What an operator of an organisation may do: what is of that organisation, and nothing else. */
import { approvedBody, readTransfer, TimebandError } from '@timeband/protocol';
import type { Desk } from './desk.js';
import { matterStep } from './matter-steps.js';
import { ApiProblem } from './problem.js';
import type { Answer, Question } from './question.js';
import { submission } from './submit.js';

type Given = Readonly<Record<string, unknown>>;

/** What such an operator asks, narrowed to what is of the organisation. @throws ApiProblem `api/organisation` */
export function narrowed(
  { ofOrganisation, isPersonal }: Question,
  organisation: string,
  given: Given,
): Given {
  if (!isPersonal) return given;
  if (ofOrganisation === undefined) throw notOf(organisation);
  const { parameter } = ofOrganisation;
  if (parameter === undefined) return given;
  if (given[parameter] !== undefined && given[parameter] !== organisation) throw notOf(organisation);
  return { ...given, [parameter]: organisation };
}

/** @throws ApiProblem `api/organisation` */
export function refuseOthers({ ofOrganisation }: Question, organisation: string, answer: Answer): void {
  if (ofOrganisation?.owns?.(answer, organisation) === false) throw notOf(organisation);
}

/** A transfer from the organisation's own account is brought by its operator; all else is for those of the centre. @throws ApiProblem */
export function refuseOtherRecords(organisation: string, given: unknown): void {
  const { data } = submission.safeParse(given);
  if (data?.kind === 'transfer') {
    try {
      const { action } = readTransfer(approvedBody(new Uint8Array(Buffer.from(data.action, 'base64')), []));
      if (action.from === organisation) return;
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
    }
  }
  throw notOf(organisation);
}

/** A matter that the organisation has is resolved by its operator, or handed up. @returns the step in its name @throws ApiProblem */
export function ownStep(
  { matters, now }: Pick<Desk, 'matters' | 'now'>,
  organisation: string,
  given: unknown,
): unknown {
  const { data } = matterStep.safeParse(given);
  const found = data?.matter === undefined ? undefined : matters.find(Buffer.from(data.matter, 'hex'), now());
  const isTheirs = found?.handler === organisation && (data?.handler ?? organisation) === organisation;
  if (data === undefined || !isTheirs || !['resolve', 'escalate'].includes(data.phase))
    throw notOf(organisation);
  return data.phase === 'resolve' ? { ...data, handler: organisation } : data;
}

/** Why not. */
export function notOf(organisation: string): ApiProblem {
  return new ApiProblem(
    'api/organisation',
    `this account acts for ${organisation}, and sees and does only what is of ${organisation}`,
  );
}
