/**
 * Home service between two people, (SPEC.md, Visit): both go to the recipient's home, out of the gateway's reach,
 * press their buttons when it begins and when it ends, and bring the record back to the centre.
 */
import type { Timers } from '@timeband/protocol';
import type { VisitOutcome } from '../band/visits.js';
import type { Wearer } from './wearer.js';

/** Both have arrived after so long; a connection that they walked out of has broken by then. */
const WAY_MS = 4_000;

export class HomeVisit {
  /** Of the bands, as far as the two know. */
  private hasBegun = false;
  private doing: 'nothing' | 'going home' | 'pressing' = 'nothing';
  private isBrokenOff = false;
  private cancelWay: () => void = () => undefined;

  constructor(
    private readonly provider: Wearer,
    private readonly recipient: Wearer,
    private readonly timers: Timers,
  ) {}

  /** Whether they have pressed, and do not know yet what came of it. */
  get isPressing(): boolean {
    return this.doing === 'pressing';
  }

  /** What these two would do next: begin, or end what has begun. */
  goOn(service: number): void {
    if (this.hasBegun) this.end();
    else this.begin(service);
  }

  /** Where it fails they come back. @returns false where a visit has begun, or they are about to */
  begin(service: number): boolean {
    return this.press(false, () => this.provider.wristband.beginVisit(service));
  }

  /**
   * They come back once it was attested, and stay where it was not.
   * @param rating 1 to 5
   * @returns false where none has begun, or they are about to end it
   */
  end(rating?: number): boolean {
    return this.press(true, () => this.provider.wristband.endVisit(rating === undefined ? {} : { rating }));
  }

  /** Whatever they are about to do, they come back to the centre; what they have pressed for comes to its end before. */
  breakOff(): void {
    this.cancelWay();
    if (this.isPressing) this.isBrokenOff = true;
    else this.goToCentre();
  }

  private press(isEnd: boolean, act: () => Promise<VisitOutcome>): boolean {
    if (this.doing !== 'nothing' || this.hasBegun !== isEnd) return false;
    const wayMs = this.areThere ? 0 : WAY_MS;
    this.doing = 'going home';
    this.recipient.whereabouts.goHome();
    this.provider.whereabouts.goTo(this.recipient.whereabouts);
    this.cancelWay = this.timers.after(wayMs, () => {
      this.doing = 'pressing';
      this.recipient.wristband.press();
      void act().then(({ outcome }) => {
        this.pressed(outcome);
      });
    });
    return true;
  }

  private pressed(outcome: VisitOutcome['outcome']): void {
    this.doing = 'nothing';
    if (outcome !== 'failed') this.hasBegun = outcome === 'begun';
    if (this.isBrokenOff || !this.hasBegun) this.goToCentre();
  }

  private get areThere(): boolean {
    const { whereabouts: host } = this.recipient;
    return host.isAtHomeOf(host) && this.provider.whereabouts.isAtHomeOf(host);
  }

  private goToCentre(): void {
    this.doing = 'nothing';
    this.isBrokenOff = false;
    this.provider.whereabouts.goToCentre();
    this.recipient.whereabouts.goToCentre();
  }
}
