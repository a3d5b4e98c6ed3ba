/** A way to the city that comes and goes. */
import { pause } from '../gateway-program.js';
import type { Fault } from './fault.js';

const FLAPS = 12;
const SILENT_MS = 1_000;

export const uplinkFaults: Readonly<Record<string, Fault>> = {
  'uplink-flap': {
    says: 'the line to the city is cut again and again, and falls silent',
    happen: async (stage) => {
      const { line, city, random } = stage;
      if (line === undefined || city === undefined) throw new Error('there is no city');
      for (let flap = 0; flap < FLAPS; flap++) {
        line.cut();
        await pause(random.below(100));
        line.mend();
        await pause(random.below(300));
      }
      line.silence();
      await pause(SILENT_MS);
      line.cut();
      line.mend();
      await stage.flows();
      const { events } = (await stage.gateway.status()).stored;
      await stage.arrives(city, events);
      return `${line.connections} connections, all ${events} events at the city`;
    },
  },
};
