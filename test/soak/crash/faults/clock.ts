/** A clock that is stepped under a running gateway: libfaketime stands between it and the machine's clock. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '../gateway-program.js';
import type { Stage } from '../stage.js';
import type { Fault } from './fault.js';
import { ensureFaketime } from './faketime.js';

const HOUR = 3_600;
const DAY = 86_400;
/** Longer than gateway and device need to notice. */
const NOTICED_MS = 1_500;
const PATIENCE_MS = 20_000;

export const clockFaults: Readonly<Record<string, Fault>> = {
  'clock-back': stepped('the clock is stepped back by an hour, and right again', -HOUR),
  'clock-forward': stepped('the clock is stepped forward by an hour, and right again', HOUR),
  'clock-unset': {
    ...stepped('the clock falls back to 1970, and is set again', -50 * 365 * DAY),
    happen: (stage) => withoutTime(stage, -50 * 365 * DAY, 'clock'),
  },
  'clock-expired': {
    ...stepped('the clock jumps past the end of the certificate, and is set right', 100 * DAY),
    happen: (stage) => withoutTime(stage, 100 * DAY, 'certificate'),
  },
};

function stepped(says: string, seconds: number): Fault {
  return {
    says,
    lacks: () =>
      ensureFaketime().then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      ),
    environment: async ({ dir }) => ({
      LD_PRELOAD: await ensureFaketime(),
      FAKETIME_TIMESTAMP_FILE: clockFile(dir),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    }),
    happen: async (stage) => {
      setClock(stage, seconds);
      await noticed(stage, 1);
      await stage.flows();
      setClock(stage, 0);
      await noticed(stage, 2);
      await stage.flows();
      return `noticed, and events go on`;
    },
  };
}

/** On a machine with much to do, events that were under way arrive before the gateway has looked at its clock. */
async function noticed(stage: Stage, steps: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = logged(stage, 'the clock of this machine was stepped');
    if (seen >= steps) return;
    if (performance.now() > deadline) {
      throw new Error(`the gateway noticed ${seen} of ${steps} steps of its clock`);
    }
    await pause(100);
  }
}

/** The gateway knows that it cannot date anything: it seals nothing, says why, and goes on when the clock is right. */
async function withoutTime(stage: Stage, seconds: number, check: string): Promise<string> {
  setClock(stage, seconds);
  const isBad = (bad: readonly string[]): boolean => bad.some((says) => says.startsWith(check));
  const { bad } = await stage.gateway.untilReadiness(({ bad }) => isBad(bad), `without ${check}`);
  await pause(NOTICED_MS);
  const before = stage.display.count;
  await pause(NOTICED_MS);
  if (stage.display.count > before) throw new Error('events were published without a clock');
  setClock(stage, 0);
  await stage.gateway.untilReadiness(({ ready }) => ready, 'ready again');
  await stage.flows();
  return bad.join('; ');
}

export function clockFile(dir: string): string {
  const file = join(dir, 'clock');
  writeFileSync(file, '+0\n', { flag: 'a' });
  return file;
}

function setClock({ site }: Stage, seconds: number): void {
  writeFileSync(join(site.dir, 'clock'), `${seconds < 0 ? '' : '+'}${seconds}\n`);
}

function logged({ gateway }: Stage, message: string): number {
  return readFileSync(gateway.logFile, 'utf8').split(message).length - 1;
}
