/** Looks at the way to the site's other gateways, any of which may be the primary. */
import { systemTimers } from '@timeband/protocol';
import type { Config } from '../config/index.js';
import { type ForwardReport, probePeer } from '../forward/index.js';
import type { CheckLine } from './check-line.js';

/**
 * Never throws for what it looks at: a problem is a line.
 * @param running what a gateway says that runs now: nothing is tried beside it, since a broker lets one client of a name in
 */
export async function checkForward(
  { site, gateway, dataDir, forward }: Pick<Config, 'site' | 'gateway' | 'dataDir' | 'forward'>,
  running: ForwardReport | undefined,
): Promise<CheckLine[]> {
  if (running !== undefined) return [runningLine(running)];
  const lines: CheckLine[] = [];
  for (const peer of forward?.to ?? []) {
    const what = `gateway ${peer.gateway} at ${peer.url}`;
    const found = await probePeer({ site, gateway, peer, dataDir, timers: systemTimers });
    lines.push(typeof found === 'number' ? goodLine(what, peer.url, found) : { what, ...verdictOf(found) });
  }
  return lines;
}

function goodLine(what: string, url: string, ms: number): CheckLine {
  const how = /^(mqtts|wss):/.test(url) ? 'reachable, TLS is good' : 'reachable, WITHOUT TLS';
  const says = `${how}, lets this box in and grants its answers (${Math.round(ms)} ms)`;
  return { what, verdict: 'good', says };
}

/** A gateway that is away for a while keeps nobody from starting. */
function verdictOf({
  state,
  message,
  remedy,
}: {
  readonly state: string;
  readonly message: string;
  readonly remedy: string;
}): Pick<CheckLine, 'verdict' | 'says'> {
  return { verdict: state === 'waiting' ? 'warning' : 'bad', says: `${message}. ${remedy}` };
}

function runningLine({ state, primary, records, problem, full }: ForwardReport): CheckLine {
  const what = `primary gateway ${primary ?? ''}`.trimEnd();
  if (problem !== undefined) return { what, ...verdictOf({ ...problem, state }) };
  if (state === 'unknown')
    return { what, verdict: 'bad', says: `it does not stand in forward.to: ${records} records wait here` };
  const says = `the gateway that is running is ${state}, ${records} records wait for it`;
  return { what, verdict: full ? 'warning' : 'good', says };
}
