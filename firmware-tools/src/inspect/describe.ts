/** A device's information as people read it. */
import type { CertificateInfo, DeviceInfo } from './info.js';

/** Several lines, the port first. */
export function describeDevice(port: string, info: DeviceInfo): string {
  const { certificate, log, buffer } = info;
  const { claims } = certificate;
  const rows: (readonly [string, string])[] = [
    ['device', claims ? `${info.device}, ${claims.role} at ${claims.site}` : info.device],
    ['key id', claims?.keyId ?? 'none'],
    ['certificate', describeCertificate(certificate)],
    ['firmware', `${info.firmware} on ${info.hardware}, start ${info.boot}`],
    ['log', `${log.id}, epoch ${log.epoch}`],
  ];
  if (log.previous) rows.push(['continues', `${log.previous.id}, sealed up to ${log.previous.seq}`]);
  rows.push(
    ['records', `${log.head} logged, ${log.sealed} sealed, ${log.acked} acknowledged`],
    ['waiting', log.full ? `${log.waiting}; the flash is full, taps are turned away` : String(log.waiting)],
    ['readable', log.oldest > log.head ? 'none' : `from ${log.oldest}`],
    [
      'buffer',
      `${buffer.bytes} bytes, ${buffer.count} at once${buffer.assumed ? ' (assumed, it does not say)' : ''}`,
    ],
  );
  return [port, ...rows.map(([name, value]) => `  ${name.padEnd(12)} ${value}`)].join('\n');
}

function describeCertificate({ claims, trust }: CertificateInfo): string {
  const verdict =
    trust.verdict === 'verified'
      ? 'verified'
      : trust.verdict === 'refused'
        ? `REFUSED: ${trust.reason}`
        : 'not verified (give --issuer)';
  if (claims === undefined) return verdict;
  return `by ${claims.issuer}, ${day(claims.notBefore)} to ${day(claims.expires)}, ${verdict}`;
}

function day(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}
