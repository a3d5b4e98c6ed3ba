/** What a program that ran us can rely on. */
export const EXIT = {
  ok: 0,
  usage: 2,
  /** The port is not there, cannot be opened, or nothing on it answers. */
  notReachable: 3,
  /** The device refused, or its certificate does not hold. */
  refused: 4,
  /** It began and did not get to its end. */
  failed: 5,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and a code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}
