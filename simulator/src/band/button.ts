/** A band's one button: a short press shows that its wearer means it, for 10 s and one use; a long one calls for help. */
import { isPressed, type Moment } from '@timeband/protocol';

export class Button {
  private pressedAt: number | undefined;

  /** @param uptime whole seconds since the start, as all of the protocol's counting */
  constructor(private readonly uptime: () => number) {}

  press(): void {
    this.pressedAt = this.uptime();
  }

  /** Now, for whoever asks whether the wearer means it. */
  get moment(): Moment {
    return { at: this.uptime(), pressedAt: this.pressedAt };
  }

  get isPressed(): boolean {
    return isPressed(this.moment);
  }

  /** Seconds since the press, which is used up by this; undefined where there is none that still counts. */
  use(): number | undefined {
    const { at, pressedAt } = this.moment;
    if (pressedAt === undefined || !this.isPressed) return undefined;
    this.release();
    return at - pressedAt;
  }

  /** The press counts no longer. */
  release(): void {
    this.pressedAt = undefined;
  }
}
