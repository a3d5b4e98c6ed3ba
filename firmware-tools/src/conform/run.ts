/** Runs a device through the checks, one after the other, whatever becomes of each. */
import { LinkError, systemTimers, TimebandError, type Timers } from '@timeband/protocol';
import type { Check } from './check.js';
import { type Need, NEEDS, Nonconformity, NotApplicable } from './verdict.js';
import { CHECKS } from './checks/index.js';
import { ConformError } from './errors.js';
import { type Facts, Lab } from './lab.js';
import type { Subject } from './subject.js';

export interface ConformOptions {
  /** Ids of checks or areas; all without. */
  readonly only?: readonly string[] | undefined;
  /** Restart the device, and fill its log: what it logged so far is acknowledged and may be overwritten. */
  readonly isDestructive?: boolean | undefined;
  readonly timers?: Timers | undefined;
  /** Milliseconds to wait for each answer; nothing is repeated. */
  readonly timeoutMs?: number | undefined;
  /** Unix seconds. */
  readonly now?: (() => number) | undefined;
  /** Ends after the check that runs. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((progress: ConformProgress) => void) | undefined;
}

export interface ConformProgress {
  readonly done: number;
  readonly total: number;
  /** The check that begins; none at the end. */
  readonly check: Check | undefined;
  /** How the one before ended. */
  readonly result: CheckResult | undefined;
}

export type Verdict = 'passed' | 'failed' | 'skipped';

export interface CheckResult {
  readonly id: string;
  readonly area: Check['area'];
  readonly section: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** Why it failed or was left out. */
  readonly reason?: string;
  /** Of a failure: what went over the link last, `->` to the device, as packets in hexadecimal. */
  readonly trace?: readonly string[];
  readonly ms: number;
}

/** Byte strings are in hexadecimal, so that it can be printed as JSON. */
export interface ConformReport {
  readonly target: string;
  readonly device: string;
  readonly site: string;
  readonly role: string;
  readonly firmware: string;
  readonly hardware: string;
  /** The version of the protocol that was checked for. */
  readonly protocol: 1;
  /** Unix seconds. */
  readonly at: number;
  readonly isUntrusted: boolean;
  /** Nothing failed, and nothing was cut short. */
  readonly conforms: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly results: readonly CheckResult[];
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** The checks that ids and areas name. @throws ConformError `conform/check` */
export function selectChecks(only: readonly string[] = []): readonly Check[] {
  const unknown = only.find((name) => !CHECKS.some(({ id, area }) => id === name || area === name));
  if (unknown !== undefined)
    throw new ConformError('conform/check', `there is no check and no area "${unknown}" (--list names them)`);
  return only.length === 0
    ? CHECKS
    : CHECKS.filter(({ id, area }) => only.includes(id) || only.includes(area));
}

/** @throws ConformError, LinkError, TimebandError when it cannot be begun */
export async function runConformance(subject: Subject, options: ConformOptions = {}): Promise<ConformReport> {
  const { timers = systemTimers, timeoutMs = DEFAULT_TIMEOUT_MS, signal, progress } = options;
  const now = options.now ?? (() => Math.floor(Date.now() / 1_000));
  const checks = selectChecks(options.only);
  const lab = new Lab(subject, { timers, timeoutMs, now });
  const at = now();
  const facts = await lab.begin();
  const results: CheckResult[] = [];
  /** Why nothing more is asked of it. */
  let end: string | undefined;
  try {
    for (const check of checks) {
      progress?.({ done: results.length, total: checks.length, check, result: results.at(-1) });
      if (signal?.aborted === true) end ??= 'interrupted';
      const result = await runCheck(check, lab, {
        timers,
        end,
        isDestructive: options.isDestructive === true,
      });
      results.push(result);
      if (result.verdict === 'failed') end ??= await recover(lab);
    }
    progress?.({ done: results.length, total: checks.length, check: undefined, result: results.at(-1) });
  } finally {
    await lab.close();
  }
  return reportOf(subject, facts, at, results, end);
}

interface RunOptions {
  readonly timers: Timers;
  readonly end: string | undefined;
  readonly isDestructive: boolean;
}

async function runCheck(
  check: Check,
  lab: Lab,
  { timers, end, isDestructive }: RunOptions,
): Promise<CheckResult> {
  const { id, area, section, title, needs = [] } = check;
  const about = { id, area, section, title };
  const missing =
    end ?? needs.map((need) => lacks(need, lab, isDestructive)).find((reason) => reason !== undefined);
  if (missing !== undefined) return { ...about, verdict: 'skipped', reason: missing, ms: 0 };
  const began = timers.now();
  const ms = (): number => Math.round(timers.now() - began);
  try {
    if (lab.connection.isClosed) await lab.reconnectPatiently();
    await check.run(lab);
    return { ...about, verdict: 'passed', ms: ms() };
  } catch (error) {
    if (error instanceof NotApplicable)
      return { ...about, verdict: 'skipped', reason: error.message, ms: ms() };
    if (!(error instanceof Nonconformity) && !(error instanceof TimebandError)) throw error;
    return { ...about, verdict: 'failed', reason: error.message, trace: [...lab.connection.trace], ms: ms() };
  }
}

/** Why a check cannot be run, where it cannot. */
function lacks(need: Need, lab: Lab, isDestructive: boolean): string | undefined {
  const has = {
    line: () => lab.connection.link.line !== undefined,
    issuer: () => lab.subject.issuer !== undefined,
    session: () => lab.facts.isUntrusted,
    power: () => isDestructive,
  };
  return has[need]() ? undefined : NEEDS[need];
}

/** After a failure: a device that answers goes on. @returns why it cannot */
async function recover(lab: Lab): Promise<string | undefined> {
  try {
    if (!lab.connection.isClosed) {
      await lab.connection.alive();
      return undefined;
    }
  } catch (error) {
    if (!(error instanceof TimebandError) && !(error instanceof Nonconformity)) throw error;
  }
  try {
    await lab.reconnectPatiently();
    return undefined;
  } catch (error) {
    if (error instanceof LinkError || error instanceof Nonconformity) return 'the device answers no more';
    throw error;
  }
}

function reportOf(
  subject: Subject,
  { identity, claims, isUntrusted }: Facts,
  at: number,
  results: readonly CheckResult[],
  end: string | undefined,
): ConformReport {
  const count = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const { device, firmware, hardware } = identity;
  return {
    ...{ target: subject.name, device, site: claims.site, role: claims.role, firmware, hardware },
    ...{ protocol: 1, at, isUntrusted, conforms: failed === 0 && passed > 0 && end === undefined },
    ...{ passed, failed, skipped, results },
  };
}
