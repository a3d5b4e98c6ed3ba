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
  holdActivity(device);
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

/** So that there is one to examine: most of what is wrong with a device is wrong with the records of it too. */
function holdActivity({ reader }: SimulatedReader): void {
  const wanted = { service: 509, organiser: 'account-3', capacity: 5, plannedMinutes: 60 };
  reader.clock.set(NOW);
  reader.activities.begin(wanted);
  for (const last of [1, 2, 1]) {
    const proof = { kind: 'uid', uid: Uint8Array.of(4, 0, 0, last) } as const;
    reader.tap({ direction: 'in', service: wanted.service, proof });
  }
  reader.activities.close();
}
