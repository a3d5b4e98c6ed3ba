/** Why a question or a submission is not answered, as a problem document (RFC 9457). */
import { type BrokerErrorCode } from '../broker/index.js';

export const PROBLEM = {
  'api/parameters': 400,
  'api/credentials': 401,
  'api/certificate': 401,
  'api/role': 403,
  'api/organisation': 403,
  'api/not-found': 404,
  'api/method': 405,
  'api/expired': 410,
  'api/too-large': 413,
  'api/media-type': 415,
  'api/refused': 422,
  'api/rate': 429,
  'api/failed': 500,
  'api/closed': 503,
  'api/busy': 503,
  'api/behind': 503,
} as const;
export type ProblemCode = keyof typeof PROBLEM;

/** The message is for whoever asked: it says what is wrong with what was asked, and holds no secret. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly code: ProblemCode,
    message: string,
    /** The code of what was found wrong, where something of the protocol was: `record/approval`. */
    readonly because?: string,
  ) {
    super(message);
  }

  get status(): number {
    return PROBLEM[this.code];
  }

  /** A problem document. */
  toJSON(): Problem {
    const { status, message: detail, because } = this;
    return {
      type: `urn:timeband:${this.code}`,
      title: TITLES[this.code],
      ...{ status, detail },
      ...(because !== undefined && { because }),
    };
  }
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly because?: string;
}

export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<ProblemCode, string>> = {
  'api/parameters': 'What was asked makes no sense',
  'api/credentials': 'Nobody is logged in',
  'api/certificate': 'The client certificate lets nobody in',
  'api/role': 'The account may not do this',
  'api/organisation': 'This is of another organisation, or of the centre',
  'api/not-found': 'There is no such thing',
  'api/method': 'This cannot be done here',
  'api/expired': 'Too late',
  'api/too-large': 'Too much was sent',
  'api/media-type': 'Not in a form that is taken here',
  'api/refused': 'The record does not count',
  'api/rate': 'Too many questions',
  'api/failed': 'The gateway could not do it',
  'api/closed': 'Nothing can be stored just now',
  'api/busy': 'Too much at once',
  'api/behind': 'What is asked is not derived yet',
};

/** Of the broker's accounts: who it is, or why nobody can be anybody just now. */
export function loginProblem(code: BrokerErrorCode, message: string): ApiProblem {
  return new ApiProblem(code === 'login/busy' ? 'api/busy' : 'api/failed', message);
}
