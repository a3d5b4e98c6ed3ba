/** Which network an address is of, so that what one party does is counted together. */
import { isIPv6 } from 'node:net';

/** IPv4 addresses that a dual-stack socket shows (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An IPv4 address itself; of an IPv6 address the /64, which is the least that one party has. */
export function networkOf(address: string): string {
  const v4 = MAPPED.exec(address)?.[1] ?? address;
  if (!isIPv6(v4)) return v4;
  const [head = '', tail] = v4.split('%', 1).join('').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** Whether an address is this machine's way to itself. */
export function isThisMachine(address: string): boolean {
  return address === '::1' || (MAPPED.exec(address)?.[1] ?? address) === '127.0.0.1';
}
