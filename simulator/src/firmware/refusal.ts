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

/** Thrown by what answers other groups, answered as `{err: {group, rc}}`. */
export class GroupRefusal extends Error {
  override readonly name = 'GroupRefusal';

  constructor(
    readonly group: number,
    readonly rc: number,
  ) {
    super(`refused with ${rc} of group ${group}`);
  }
}
