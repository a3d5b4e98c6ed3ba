/** What a wearer feels: who cannot hear a beep or read a display still knows what became of a press (SPEC.md, Feedback). */
import type { Feedback } from '@timeband/protocol';

/** Milliseconds on, off, on … */
export const VIBRATION = {
  accepted: [600],
  queued: [150, 150, 150],
  refused: [150, 150, 150, 150, 150],
  /** A gateway has the call for help. */
  helpHeard: [600, 300, 600],
  /** A visit has begun, or was attested. */
  visit: [300, 150, 300],
} as const satisfies Record<Feedback['outcome'] | 'helpHeard' | 'visit', readonly number[]>;

export type Vibration = keyof typeof VIBRATION;
