/** A subscriber that stops reading without a word. */
import { pause } from '../gateway-program.js';
import type { Fault } from './fault.js';

const STALLED_MS = 2_500;
/** Between two events at everybody else: readers are sealed within two seconds, on a machine with much to do. */
const MOST_SILENCE_MS = 5_000;
const LOOK_MS = 50;

export const subscriberFaults: Readonly<Record<string, Fault>> = {
  'slow-subscriber': {
    says: 'a subscriber does not read for a while: nobody else waits for it, and it gets everything later',
    happen: async (stage) => {
      const { display, console } = stage;
      console.mqtt.stream.pause();
      let longest = 0;
      const end = performance.now() + STALLED_MS;
      const before = display.count;
      while (performance.now() < end) {
        await pause(LOOK_MS);
        longest = Math.max(longest, performance.now() - display.heardAt);
      }
      if (longest > MOST_SILENCE_MS) throw new Error(`others heard nothing for ${Math.round(longest)} ms`);
      const others = display.count - before;
      console.mqtt.stream.resume();
      await stage.arrives(console, display.count);
      return `${others} events at the others meanwhile, longest silence ${Math.round(longest)} ms`;
    },
  },
};
