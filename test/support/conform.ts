/** A simulated device on the bench of `bandctl conform`, in virtual time: nothing is waited for that is not due. */
import { PrivateKey } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { type ConformOptions, type ConformReport, runConformance } from '@timeband/firmware-tools';
import { memoryLink, SimulatedReader, type SimulatedReaderOptions } from '@timeband/simulator';

const SITE = 'dahaiyang';
const NOW = Math.floor(Date.now() / 1_000);
const STEP_MS = 250;

export interface Examination {
  readonly reader?: Partial<SimulatedReaderOptions>;
  readonly options?: ConformOptions;
  /** Makes it what it should not be. */
  readonly spoil?: (device: SimulatedReader) => void;
}

/** Runs every check on a simulated reader. */
export async function examine({
  reader = {},
  options = {},
  spoil,
}: Examination = {}): Promise<ConformReport> {
  const issuerKey = PrivateKey.generate();
  const timers = new ManualTimers();
  const device = new SimulatedReader({ site: SITE, issuerKey, timers, slots: 48, ...reader });
  spoil?.(device);
  let isDone = false;
  const run = runConformance(
    {
      name: 'memory',
      open: () => Promise.resolve(memoryLink(device)),
      issuer: { key: issuerKey, name: SITE, site: SITE },
      cyclePower: () => {
        device.reboot();
        return Promise.resolve();
      },
    },
    { isDestructive: true, timers, now: () => NOW + Math.floor(timers.now() / 1_000), ...options },
  ).finally(() => {
    isDone = true;
  });
  const turn = async (): Promise<void> => {
    while (!isDone) await timers.run(STEP_MS);
  };
  const [report] = await Promise.all([run, turn()]);
  return report;
}
