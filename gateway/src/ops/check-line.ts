/** A finding of `check`: `bad` is what has to be put right before the gateway can work. */
export interface CheckLine {
  readonly what: string;
  readonly verdict: 'good' | 'warning' | 'bad';
  readonly says: string;
}
