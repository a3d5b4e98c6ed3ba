/** What can go wrong with accounts, logins and the listener, with a code per cause. */
import { ExpectedError } from '../expected-error.js';

export type BrokerErrorCode =
  | 'accounts/missing'
  | 'accounts/mode'
  | 'accounts/shape'
  | 'accounts/name'
  | 'accounts/organisation'
  | 'accounts/exists'
  | 'accounts/unknown'
  | 'accounts/password'
  | 'accounts/filter'
  | 'accounts/locked'
  | 'login/busy'
  | 'session/limit'
  | 'broker/listen';

/** The message says what happened, where, and what to do next; it never holds a secret. */
export class BrokerError extends ExpectedError {
  override readonly name = 'BrokerError';

  constructor(
    readonly code: BrokerErrorCode,
    message: string,
  ) {
    super(message);
  }
}
