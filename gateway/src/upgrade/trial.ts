/** Watches a version that was just started until it has proven itself, or had its time. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { askControl } from '../ops/control.js';

/** What is asked of a report: an older or newer version may say more. */
const reportSchema = z.object({
  version: z.string().optional(),
  uptime: z.number(),
  mqtt: z.object({ listeners: z.array(z.unknown()).optional() }),
  storage: z.object({ state: z.string(), problem: z.string().optional() }).optional(),
  links: z.array(z.object({ session: z.object({ state: z.string() }).optional() })),
});

export interface Health {
  readonly version: string | undefined;
  readonly uptime: number;
  readonly listens: boolean;
  /** Whether nothing is stored because the version is on trial. */
  readonly held: boolean;
  readonly followed: number;
}

/** Nothing when no gateway answers. */
export async function askHealth(socket: string): Promise<Health | undefined> {
  let report: z.infer<typeof reportSchema>;
  try {
    report = reportSchema.parse(await askControl(socket));
  } catch {
    return undefined;
  }
  const { version, uptime, mqtt, storage, links } = report;
  return {
    ...{ version, uptime, listens: (mqtt.listeners?.length ?? 0) > 0, held: storage?.state === 'held' },
    followed: links.filter(({ session }) => session?.state === 'following').length,
  };
}

export interface TrialOptions {
  readonly socket: string;
  /** The one that has to answer; any unless given. */
  readonly version?: string | undefined;
  /** Readers that the version before followed; as many are to be followed now. */
  readonly followed: number;
  /** How long it may take altogether, and how long it has to be well without a break. */
  readonly patienceMs: number;
  readonly settleMs: number;
}

const EVERY_MS = 250;

/** @returns why it did not prove itself, or nothing when it did */
export async function watchTrial(options: TrialOptions): Promise<string | undefined> {
  const { socket, patienceMs, settleMs } = options;
  const end = performance.now() + patienceMs;
  let wellSince: number | undefined;
  let uptime = 0;
  for (;;) {
    const health = await askHealth(socket);
    const fault = faultOf(health, options);
    const now = performance.now();
    const hasRestarted = health !== undefined && health.uptime < uptime;
    uptime = health?.uptime ?? 0;
    wellSince = fault === undefined && !hasRestarted ? (wellSince ?? now) : undefined;
    if (wellSince !== undefined && now - wellSince >= settleMs) return undefined;
    if (now > end) return fault ?? 'it was not well for long enough';
    await pause(EVERY_MS);
  }
}

function faultOf(health: Health | undefined, { version, followed }: TrialOptions): string | undefined {
  if (health === undefined) return 'it did not come up';
  if (version !== undefined && health.version !== version) {
    return `version ${health.version ?? 'unknown'} answers in its place`;
  }
  if (!health.listens) return 'its broker does not listen';
  return health.followed < followed
    ? `it follows ${health.followed} readers, where ${followed} were followed before`
    : undefined;
}
