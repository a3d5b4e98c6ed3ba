/** Certificate, clock, firmware and radio, judged by what was read of them. */
import type { ImageState } from '@timeband/protocol';
import { type ClockReport, duration } from '../clock.js';
import { utc } from '../bytes/plain.js';
import type { CertificateInfo } from '../info.js';
import { type HealthFinding, ill, look, unknown, well } from './examination.js';

const DAY_SECONDS = 86_400;
const SOON_DAYS = 30;
/** Seconds by which a clock may be off before days and caps are counted wrongly for somebody. */
const TOLERABLE_SECONDS = 120;
/** Longest time without a gateway after which the drift of a crystal is noticed. */
const LONG_UNSET_SECONDS = 30 * DAY_SECONDS;

export function judgeCertificate({ trust, claims }: CertificateInfo, now: number): HealthFinding {
  if (trust.verdict === 'refused')
    return ill(
      'certificate',
      `it does not hold: ${trust.reason} (${trust.code})`,
      'Do not plug it into the box. If it is yours, wipe it and provision it anew.',
    );
  if (claims === undefined) return ill('certificate', 'it shows none', 'Wipe it and provision it anew.');
  const { subject, role, site, expires } = claims;
  const says = `${subject}, ${role} at ${site}, until ${utc(expires).slice(0, 10)}`;
  const days = Math.floor((expires - now) / DAY_SECONDS);
  if (days < 0)
    return ill('certificate', `${says}: expired`, 'Wipe it and provision it anew: gateways refuse it.');
  if (days < SOON_DAYS)
    return look(
      'certificate',
      `${says}: ${days} days`,
      'Provision it anew before it ends: gateways refuse it then.',
    );
  return trust.verdict === 'verified'
    ? well('certificate', says)
    : unknown('certificate', `${says}; nobody verified it`, 'Give the issuer: --issuer issuer.cwt');
}

export function judgeClock({ time, offset, ppm, steps }: ClockReport): HealthFinding {
  const gateway = 'Hold it to a gateway of its site: that sets it.';
  if (time.quality === 'unset')
    return look('clock', 'unset: its records say when they happened by their order alone', gateway);
  const off =
    offset === undefined || Math.abs(offset.seconds) <= offset.within
      ? 'right'
      : `off by ${duration(Math.abs(offset.seconds))}`;
  if (offset !== undefined && Math.abs(offset.seconds) > TOLERABLE_SECONDS)
    return ill('clock', `${off} against this computer`, `Is this computer's clock right? Then: ${gateway}`);
  if (ppm !== undefined && Math.abs(ppm) > 500)
    return ill(
      'clock',
      `${off}, it drifts by ${ppm} ppm`,
      'No oscillator that works drifts so much: replace the device.',
    );
  if (time.quality === 'free-running') return look('clock', `${off}, free-running since it started`, gateway);
  if (time.age > LONG_UNSET_SECONDS) return look('clock', `${off}, set ${duration(time.age)} ago`, gateway);
  const jumps = steps.length === 0 ? '' : `, it was moved ${steps.length} times lately`;
  return steps.length > 3
    ? look(
        'clock',
        `${off}${jumps}`,
        'Two gateways that do not agree on the time, or one whose clock is moved: look at their status.',
      )
    : well('clock', `${off}, set ${duration(time.age)} ago${jumps}`);
}

export function judgeFirmware(states: readonly ImageState[] | undefined, firmware: string): HealthFinding {
  const running = states?.find(({ active }) => active);
  if (states === undefined || running === undefined) return well('firmware', firmware);
  const says = `${firmware}, image ${running.version}`;
  if (!running.confirmed)
    return look(
      'firmware',
      `${says}, on trial`,
      'At the next start it goes back to the one before, unless bandctl update confirms it.',
    );
  const next = states.find(({ pending }) => pending);
  if (next !== undefined)
    return look(
      'firmware',
      `${says}; ${next.version} starts next`,
      'Restart it, or finish the update (bandctl update).',
    );
  return well('firmware', says);
}

export function judgeRadio(rssi: number | undefined): HealthFinding {
  if (rssi === undefined) return unknown('radio', 'nobody knows how strong it is heard');
  if (rssi < -88)
    return ill(
      'radio',
      `${rssi} dBm`,
      'Too weak to rely on: go nearer. If it is so from a metre away, its antenna is covered or broken.',
    );
  if (rssi < -78)
    return look(
      'radio',
      `${rssi} dBm`,
      'Weak: from a metre away it should be above -65. Is something over its antenna?',
    );
  return well('radio', `${rssi} dBm`);
}
