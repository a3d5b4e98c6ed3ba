/**
 * A device at a desk that has no cable: it is followed through what it becomes. A band from the factory that got its grant starts
 * anew as a band of its site, under an address that nobody can tell yet: it is the one that proves itself with that serial.
 */
import {
  isBreak,
  LinkError,
  SessionClient,
  SessionError,
  type SmpClient,
  systemTimers,
  type Timers,
} from '@timeband/protocol';
import {
  addressText,
  type BleRadio,
  bleTarget,
  isMeant,
  type Neighbour,
  type Target,
} from '../target/index.js';
import type { Desk } from './desk.js';
import { askFactory } from './provision.js';

export interface ReachOptions {
  readonly timers?: Timers | undefined;
  /** Milliseconds to wait for each answer. */
  readonly timeoutMs?: number | undefined;
}

export interface OverAirOptions extends ReachOptions {
  /** Milliseconds to look for a device that was lost. */
  readonly patienceMs?: number | undefined;
}

const PATIENCE_MS = 45_000;
const LISTEN_MS = 2_000;
const RETRY_MS = 250;

/** Opens a device for a desk, which proves itself where the link is not trusted. @throws LinkError, SmpError, SessionError */
export async function openAtDesk(
  target: Target,
  desk: Pick<Desk, 'technician'>,
  { timers, timeoutMs }: ReachOptions = {},
): Promise<SmpClient> {
  const client = new SessionClient(await target.open(), {
    ...(timers && { timers }),
    ...(timeoutMs && { timeoutMs }),
  });
  try {
    if (target.isUntrusted) await client.beginCertified(desk.technician);
    await target.opened?.({ client, peer: client.peer });
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

/**
 * Does something with a device, again after each time that its link was lost, until it comes to an end.
 * @param who its name, id, serial or address
 * @throws what `work` throws; LinkError, SmpError, SessionError
 */
export async function overAir<Result>(
  radio: BleRadio,
  who: string,
  desk: Pick<Desk, 'technician'>,
  work: (client: SmpClient) => Promise<Result>,
  options: OverAirOptions = {},
): Promise<Result> {
  const { timers = systemTimers, patienceMs = PATIENCE_MS } = options;
  const named = bleTarget(radio, who);
  const others = new Set<string>();
  let serial: string | undefined;
  let since = timers.now();
  let problem: Error = new LinkError('link/open', `${who} was not found again`);
  for (const until = timers.now() + patienceMs; timers.now() < until;) {
    const targets = serial === undefined ? [named] : candidates(radio, who, serial, since, others);
    for (const target of targets) {
      try {
        const client = await openAtDesk(target, desk, { ...options, timers });
        try {
          const report = await askFactory(client);
          serial ??= report.serial;
          if (report.serial === serial) return await work(client);
          others.add(target.name);
        } finally {
          since = timers.now();
          await client.close();
        }
      } catch (error) {
        const isOther = error instanceof SessionError && serial !== undefined;
        if (serial === undefined || !(error instanceof Error) || !(isOther || isBreak(error))) throw error;
        if (isOther) others.add(target.name);
        problem = error;
      }
    }
    await radio.listen(LISTEN_MS, () => candidates(radio, who, serial, since, others).length > 0);
    await new Promise<void>((resolve) => timers.after(RETRY_MS, resolve));
  }
  throw problem;
}

/** Who may be the device that was lost: by its name, or a band that nobody knows yet. */
function candidates(
  radio: BleRadio,
  who: string,
  serial: string | undefined,
  since: number,
  others: ReadonlySet<string>,
): Target[] {
  const isIt = (neighbour: Neighbour): boolean =>
    isMeant(who, neighbour) ||
    (serial !== undefined && isMeant(serial, neighbour)) ||
    (neighbour.kind === 'band' && neighbour.device === undefined);
  return radio
    .present()
    .filter((neighbour) => neighbour.heardAt > since && isIt(neighbour))
    .sort(byNewest)
    .map((neighbour) => bleTarget(radio, neighbour.device ?? addressText(neighbour.address), neighbour))
    .filter(({ name }) => !others.has(name));
}

/**
 * A bench without cables: bands from the factory, and of those that nobody knows any that may have been lost half-way.
 * @param named whom it is for, by name, serial or address; everybody without
 */
export function benchOnAir(radio: BleRadio, isOwed: boolean, named?: readonly string[]): Target[] {
  return radio
    .present()
    .filter((neighbour) =>
      neighbour.kind === 'server'
        ? named === undefined || named.some((who) => isMeant(who, neighbour))
        : isOwed && neighbour.device === undefined,
    )
    .sort(byNewest)
    .map((neighbour) => bleTarget(radio, addressText(neighbour.address), neighbour));
}

/** Whoever was lost has just taken a new address. */
function byNewest(a: Neighbour, b: Neighbour): number {
  return b.firstHeardAt - a.firstHeardAt;
}
