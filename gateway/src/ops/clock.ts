/** This machine's clock, as far as the gateway goes by it. */
import { GatewayClock, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials } from '../config/index.js';

/** It counts as unset before the gateway's own certificate begins. */
export function openClock(
  { certificate }: Pick<Credentials, 'certificate'>,
  wall: () => number,
  timers: Timers,
  log: Logger,
): GatewayClock {
  return new GatewayClock({
    wall,
    monotonic: () => timers.now() / 1_000,
    floor: certificate.notBefore,
    changed: (state) => {
      if (state.state === 'unset') {
        log.error(
          { wall: state.reading.wall, floor: certificate.notBefore },
          'ALARM: the clock of this machine is not set: taps are kept and answered with "queued", nothing is sealed',
        );
      } else if (state.state === 'stepped') {
        log.warn({ by: state.by }, 'the clock of this machine was stepped');
      } else {
        log.info({ wall: state.reading.wall }, 'the clock of this machine is set');
      }
    },
  });
}
