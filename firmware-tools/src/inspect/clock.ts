/** A device's clock: how far it can be relied on, and how far it is off (SPEC.md, Clock, Seal). */
import {
  call,
  COMMAND,
  type DeviceTime,
  type PrivateKey,
  RC,
  readUnverifiedCertificate,
  signClock,
  SmpError,
} from '@timeband/protocol';
import type { OpenDevice } from '../target/index.js';
import { utc } from './bytes/plain.js';
import type { CertificateInfo } from './info.js';
import { type NewestRecord, readNewest, statementIn } from './log/newest.js';
import { askSeal, openSeal } from './log/seal-check.js';
import { askSubject, type SubjectOptions } from './log/subject.js';

/** Drift is told only of a clock that has run for so long since it was set: before, the second's rounding is more. */
const MIN_DRIFT_SECONDS = 3_600;
/** Newest records that are looked through for steps of the clock. */
const NEWEST = 64;

/** Seconds unless said otherwise. */
export interface ClockReport {
  readonly device: string;
  readonly certificate: CertificateInfo;
  readonly time: DeviceTime;
  /** Ahead of this computer's clock (behind where negative), and how much it may be more or less. Absent while it is unset. */
  readonly offset?: { readonly seconds: number; readonly within: number };
  /** Parts per million, since it was set. Absent where too little time has passed, or nobody set it. */
  readonly ppm?: number;
  readonly boot: number;
  readonly uptime: number;
  /** Whether the device's key signed this. */
  readonly isSigned: boolean;
  /** Among its newest records, the steps of its clock. */
  readonly steps: readonly { readonly seq: number; readonly seconds: number; readonly back: boolean }[];
}

/** Reads it from a seal over what was sealed already, so that nothing changes. @throws SmpError, LinkError, CborError, LogError */
export async function readClock(
  { client, identity }: OpenDevice,
  options: SubjectOptions,
): Promise<ClockReport> {
  if (identity === undefined) throw notOurs();
  const subject = await askSubject(client, identity, options);
  const { head, sealed } = await call(client, COMMAND.status, { seen: 0xffff_ffff });
  const fresh = await askSeal(client, Math.max(sealed, identity.acked), options.now);
  const { time, boot, uptime } = openSeal(fresh, subject);
  const offset = time.quality === 'unset' ? undefined : offsetOf(time.wall, fresh.moment);
  const age = time.quality === 'set' ? time.age : 0;
  const isDrift =
    offset !== undefined && age >= MIN_DRIFT_SECONDS && Math.abs(offset.seconds) > offset.within;
  return {
    ...{ device: identity.device, certificate: subject.certificate, time, boot, uptime },
    ...(offset && { offset }),
    ...(isDrift && { ppm: Math.round((offset.seconds / age) * 1e6) }),
    isSigned: subject.key !== undefined,
    steps: (await readNewest(client, identity, head, NEWEST)).flatMap(stepIn),
  };
}

function offsetOf(
  wall: number,
  { asked, answered }: { readonly asked: number; readonly answered: number },
): { readonly seconds: number; readonly within: number } {
  const [least, most] = [wall - answered, wall + 1 - asked];
  return { seconds: (least + most) / 2, within: (most - least) / 2 };
}

function stepIn({ seq, bytes }: NewestRecord): ClockReport['steps'] {
  const statement = statementIn(bytes);
  if (statement?.event !== 'clockStep') return [];
  const { seconds, back } = statement;
  return [{ seq, seconds, back }];
}

/** Who may set a clock: a gateway of the device's own site. */
export interface ClockAuthority {
  readonly key: PrivateKey;
  readonly certificate: Uint8Array;
}

/**
 * Sets it as a gateway does: presents the certificate, asks for the nonce, answers it with a signed document.
 * @param wall Unix seconds
 * @throws SmpError (3, 4: the certificate is not one of its site's gateways), LinkError, CborError, CertificateError
 */
export async function setClock(
  { client, identity }: OpenDevice,
  { key, certificate }: ClockAuthority,
  wall: () => number,
): Promise<void> {
  if (identity === undefined) throw notOurs();
  const { site, subject: gateway } = readUnverifiedCertificate(certificate);
  await call(client, COMMAND.hello, certificate);
  const nonce = await call(client, COMMAND.clockNonce, undefined);
  const document = signClock(key, { device: identity.device, nonce, wall: wall(), site, gateway });
  await call(client, COMMAND.clock, document);
}

function notOurs(): SmpError {
  return new SmpError(
    'smp/device',
    'its firmware is not of Timeband, and has no such clock',
    {},
    { group: 0, rc: RC.notSupported },
  );
}

/** Several lines, the device first. */
export function describeClock({
  device,
  time,
  offset,
  ppm,
  boot,
  uptime,
  isSigned,
  steps,
}: ClockReport): string {
  const rows: (readonly [string, string])[] = [
    [
      'clock',
      time.quality === 'unset'
        ? 'unset: no gateway has set it since it started'
        : `${utc(time.wall)}, ${qualityOf(time)}`,
    ],
  ];
  if (offset !== undefined) rows.push(['off by', describeOffset(offset)]);
  if (ppm !== undefined)
    rows.push([
      'drift',
      `${ppm} ppm: ${Math.abs(ppm) <= 50 ? 'as of a crystal' : Math.abs(ppm) <= 500 ? 'as of an RC oscillator' : 'more than any good oscillator'}`,
    ]);
  rows.push(['runs', `start ${boot}, for ${duration(uptime)}`]);
  rows.push(['signed', isSigned ? "by the device's key" : 'by MAC: nobody here can check it']);
  for (const { seq, seconds, back } of steps)
    rows.push(['stepped', `${back ? 'back' : 'forward'} by ${duration(seconds)} (record ${seq})`]);
  return [device, ...rows.map(([name, value]) => `  ${name.padEnd(12)} ${value}`)].join('\n');
}

function qualityOf(time: Exclude<DeviceTime, { quality: 'unset' }>): string {
  return time.quality === 'set'
    ? `set by a gateway ${duration(time.age)} ago`
    : 'free-running: nobody has set it since it started';
}

function describeOffset({ seconds, within }: { readonly seconds: number; readonly within: number }): string {
  if (Math.abs(seconds) <= within) return `less than ${Math.ceil(within)} s, as near as can be told`;
  return `${duration(Math.abs(seconds))} ${seconds > 0 ? 'ahead of' : 'behind'} this computer`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7_200) return `${Math.round(whole / 60)} min`;
  if (whole < 172_800) return `${Math.round(whole / 3_600)} h`;
  return `${Math.round(whole / 86_400)} days`;
}
