import type { GatewayReport } from '../ops/index.js';

type Forward = NonNullable<GatewayReport['forward']>;

/** The way to the primary for people. */
export function describeForward(forward: Forward, now: number): string[] {
  const { state, since, primary, records, full, oldestAge, refused, problem } = forward;
  if (state === 'idle' && records === 0) return [];
  const waits =
    records === 0
      ? 'nothing waits'
      : `${records} records wait${oldestAge === undefined ? '' : `, the oldest for ${lasting(oldestAge)}`}`;
  const to = primary ?? 'nobody: no primary is named';
  const trouble = problem && `  ${problem.code}: ${problem.message}. ${problem.remedy}`;
  return [
    `records go to ${to}: ${state} for ${lasting(Math.max(0, now - since))}, ${waits}`,
    ...(state === 'unknown' ? [`  ${to} does not stand in forward.to of the settings`] : []),
    ...(full
      ? ['  NO ROOM: nothing more is read, records stay in their devices until the primary is back']
      : []),
    ...(trouble === undefined ? [] : [trouble]),
    ...refused.map(({ device, code }) => `  NOT TAKEN: records of ${device} (${code})`),
  ];
}

/** Of gateways that hand records to this one. */
export function describePeers(peers: GatewayReport['peers'], now: number): string[] {
  return peers.map(({ gateway, records, refused, at }) => {
    const trouble = refused > 0 ? `, ${refused} refused` : '';
    return `${gateway} hands records over: ${records} since the start${trouble}, last ${lasting(Math.max(0, now - at))} ago`;
  });
}

function lasting(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
