/** Whether the gateway can do its work, and what keeps it from it: what `/readyz`, `ready` and systemd's status line say. */
import type { GatewayReport } from '../ops/report.js';
import type { RunningGateway } from '../ops/running-gateway.js';
import { RENEW_DAYS } from '../ops/renewal.js';

export interface ReadinessCheck {
  readonly name:
    | 'database'
    | 'broker'
    | 'clock'
    | 'disk'
    | 'certificate'
    | 'renewal'
    | 'books'
    | 'links'
    | 'tag-readers'
    | 'radio'
    | 'uplink'
    | 'forward';
  readonly good: boolean;
  /** Without it the gateway is not ready; of the rest it is only said. */
  readonly needed: boolean;
  readonly says: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

/** @param now Unix seconds */
export function readinessOf({ report }: Pick<RunningGateway, 'report'>, now: number): Readiness {
  let seen: GatewayReport;
  try {
    seen = report();
  } catch (error) {
    const says = `cannot be read: ${(error as Error).message}`;
    return { ready: false, checks: [{ name: 'database', good: false, needed: true, says }] };
  }
  const checks = [...neededFor(seen, now), ...renewalOf(seen, now), ...besides(seen)];
  return { ready: checks.every(({ good, needed }) => good || !needed), checks };
}

/** One line for people. */
export function describeReadiness({ ready, checks }: Readiness): string {
  const bad = checks.filter(({ good }) => !good).map(({ name, says }) => `${name}: ${says}`);
  return [ready ? 'ready' : 'not ready', ...bad].join('; ');
}

/** Why the ledger is not asked just now, for people. */
export function describeBehind({ behind, secondsLeft, problem }: GatewayReport['books']): string {
  const left = problem ?? (secondsLeft === undefined ? undefined : `about ${secondsLeft} seconds left`);
  return `behind by ${behind} events${left === undefined ? '' : ` (${left})`}`;
}

function neededFor(report: GatewayReport, now: number): ReadinessCheck[] {
  const { stored, mqtt, clock, storage, certificate } = report;
  const check = (name: ReadinessCheck['name'], good: boolean, says: string): ReadinessCheck => ({
    ...{ name, good, needed: true, says },
  });
  const left = certificate.expires - now;
  return [
    check('database', true, `open, ${stored.events} events`),
    check(
      'broker',
      mqtt.listeners.length > 0,
      `listens on ${mqtt.listeners.map(({ kind, port }) => `${kind} ${port}`).join(', ') || 'nothing'}`,
    ),
    check('clock', clock === 'set', clock),
    check('disk', storage.state === 'good', storage.problem ?? 'takes commits'),
    check(
      'certificate',
      left > 0,
      left > 0
        ? `ends in ${Math.floor(left / 86_400)} days`
        : 'has ended: timeband-gateway certificate request',
    ),
  ];
}

/** Said only in the weeks in which somebody has to act. */
function renewalOf({ certificate }: GatewayReport, now: number): ReadinessCheck[] {
  const days = Math.floor((certificate.expires - now) / 86_400);
  if (days >= RENEW_DAYS || certificate.expires <= now) return [];
  const says = `the certificate ends in ${days} days: timeband-gateway certificate request`;
  return [{ name: 'renewal', good: false, needed: false, says }];
}

/** What a centre can do without for a while: records wait in their devices, and events on this box. */
function besides({ books, links, tagReaders, radio, uplink, forward }: GatewayReport): ReadinessCheck[] {
  const following = links.filter(({ session }) => session?.state === 'following').length;
  const checks: ReadinessCheck[] = [
    {
      ...{ name: 'links', needed: false, good: following === links.length },
      says: `${following} of ${links.length} readers followed`,
    },
  ];
  if (books.behind > 0) {
    checks.unshift({ name: 'books', needed: false, good: false, says: describeBehind(books) });
  }
  if (tagReaders.length > 0) {
    const listening = tagReaders.filter(({ state }) => state === 'listening').length;
    checks.push({
      ...{ name: 'tag-readers', needed: false, good: listening === tagReaders.length },
      says: `${listening} of ${tagReaders.length} tag readers listened to`,
    });
  }
  if (radio !== undefined) {
    const { state, problem } = radio;
    checks.push({ name: 'radio', needed: false, good: state === 'scanning', says: problem ?? state });
  }
  if (uplink !== undefined) {
    const { state, problem, backlog } = uplink;
    checks.push({
      ...{ name: 'uplink', needed: false, good: state === 'connected' },
      says: `${problem?.message ?? state}, ${backlog} events wait`,
    });
  }
  if (forward !== undefined && forward.state !== 'idle') {
    const { state, problem, records, full } = forward;
    checks.push({
      ...{ name: 'forward', needed: false, good: state === 'connected' && !full },
      says: `${full ? 'no room' : (problem?.message ?? state)}, ${records} records wait for the primary`,
    });
  }
  return checks;
}
