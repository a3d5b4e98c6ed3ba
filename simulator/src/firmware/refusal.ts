/** What the firmware answers when it will not do what a command asks (SPEC.md, Commands). */
import { REFUSAL } from '@timeband/protocol';

export type RefusalName = keyof typeof REFUSAL;

/** Thrown by the firmware, answered by the server as `{err: {group: 84, rc}}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly rc: number;

  constructor(
    readonly reason: RefusalName,
    message: string,
  ) {
    super(message);
    this.rc = REFUSAL[reason];
  }
}
