import type { EXIT } from './exit-codes.js';

type Failure = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and a code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly exitCode: Failure,
    message: string,
  ) {
    super(message);
  }
}
