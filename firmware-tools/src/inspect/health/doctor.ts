/** Runs through a device and says what is wrong with it, and what to do. It changes nothing on it. */
import {
  call,
  COMMAND,
  imageStateRequest,
  type ImageState,
  readImageStates,
  REFUSAL,
  SmpError,
  TimebandError,
} from '@timeband/protocol';
import {
  isUnsupported,
  openDevice,
  type OpenDevice,
  type OpenOptions,
  type Target,
} from '../../target/index.js';
import { readClock } from '../clock.js';
import type { SubjectOptions } from '../log/subject.js';
import { askSubject } from '../log/subject.js';
import { type Area, type HealthFinding, ill, look, unknown, well } from './examination.js';
import { judgeFlash, judgePower, judgeTamper, readHistory } from './history.js';
import { judgeCertificate, judgeClock, judgeFirmware, judgeRadio } from './judge.js';
import { judgeLink, measureLink } from './link.js';

export interface DoctorOptions extends SubjectOptions, OpenOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly tick: () => number;
}

export interface Diagnosis {
  readonly target: string;
  readonly device?: string;
  readonly findings: readonly HealthFinding[];
}

/** @throws LinkError, SmpError, SessionError, TargetError when it cannot be asked at all */
export async function diagnose(target: Target, options: DoctorOptions): Promise<Diagnosis> {
  let faults = 0;
  const device = await openDevice(target, {
    ...options,
    evenIfIll: true,
    onFault: (error) => {
      faults++;
      options.onFault?.(error);
    },
  });
  try {
    const { identity } = device;
    const findings: HealthFinding[] = [
      identityOf(device),
      judgeLink(await measureLink(device, () => faults, options.tick), target.transport === 'ble'),
    ];
    if (identity !== undefined) findings.push(...(await own(device, options)));
    if (target.transport === 'ble') findings.push(judgeRadio(target.rssi));
    return { target: target.name, ...(identity && { device: identity.device }), findings };
  } finally {
    await device.close();
  }
}

function identityOf({ identity, illness, parameters }: OpenDevice): HealthFinding {
  const room = parameters.assumed ? ', it does not say how much it can take at once' : '';
  if (illness?.rc === REFUSAL.notProvisioned)
    return look('answers', 'it belongs to no site yet', 'Give it to one: bandctl provision.');
  if (illness !== undefined)
    return ill(
      'answers',
      `it does not say who it is: ${illness.message}`,
      'Take its power away and give it back. If it stays: bandctl update.',
    );
  if (identity === undefined)
    return unknown(
      'answers',
      `it speaks SMP and is none of ours, or in its bootloader${room}`,
      'If it should be ours, its firmware does not start: bandctl update brings it back.',
    );
  return well(
    'answers',
    `${identity.device}, ${identity.firmware} on ${identity.hardware}, start ${identity.boot}${room}`,
  );
}

async function own(device: OpenDevice, options: DoctorOptions): Promise<HealthFinding[]> {
  const { client, identity, target } = device;
  if (identity === undefined) return [];
  const { acked, oldest, firmware } = identity;
  const attempt = async (
    area: Area,
    work: () => Promise<HealthFinding | HealthFinding[]>,
  ): Promise<HealthFinding[]> => {
    try {
      return [await work()].flat();
    } catch (error) {
      // One thing that cannot be asked is no reason to look at nothing else; a link that is gone is.
      if (!(error instanceof TimebandError) || error.code.startsWith('link/')) throw error;
      return [
        ill(
          area,
          `it cannot be asked: ${error.message} (${error.code})`,
          'Try again; if it stays, its firmware is at fault (bandctl conform says how).',
        ),
      ];
    }
  };
  const history = await attempt('log', async () => {
    const status = await call(client, COMMAND.status, { seen: 0xffff_ffff });
    const said = await readHistory(device, status.head);
    return [
      ...judgeFlash({ ...status, acked, oldest }, said),
      ...judgePower(said, target.said?.battery),
      ...judgeTamper(said),
    ];
  });
  return [
    ...(await attempt('certificate', async () => {
      const { certificate } = await askSubject(client, identity, options);
      return judgeCertificate(certificate, options.now());
    })),
    ...(await attempt('clock', async () => judgeClock(await readClock(device, options)))),
    ...history,
    ...(await attempt('firmware', async () => judgeFirmware(await imagesOf(device), firmware))),
  ];
}

async function imagesOf({ client }: OpenDevice): Promise<ImageState[] | undefined> {
  try {
    return readImageStates(await client.request(imageStateRequest));
  } catch (error) {
    if (isUnsupported(error) || (error instanceof SmpError && error.code === 'smp/device')) return undefined;
    throw error;
  }
}

const MARK = { well: '✓', look: '!', ill: '✗', unknown: '?' } as const;

/** Several lines, the device first, advice below what it is for. */
export function describeDiagnosis({ target, device, findings }: Diagnosis): string {
  const lines = findings.flatMap(({ area, verdict, says, advice }) => [
    `  ${MARK[verdict]} ${area.padEnd(12)} ${says}`,
    ...(advice === undefined ? [] : [`      ${advice}`]),
  ]);
  const todo = findings.filter(({ verdict }) => verdict === 'ill' || verdict === 'look').length;
  const end = todo === 0 ? 'Nothing to do.' : `${todo} thing${todo === 1 ? '' : 's'} to look at.`;
  return [device === undefined ? target : `${device} (${target})`, ...lines, end].join('\n');
}
