/** How a command of ours ends. */
export const EXIT = {
  ok: 0,
  usage: 2,
  /** A file or port is not there or cannot be used. */
  notReachable: 3,
  refused: 4,
  failed: 5,
} as const;

/** Ends a command with a message and a code of {@link EXIT}. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}
