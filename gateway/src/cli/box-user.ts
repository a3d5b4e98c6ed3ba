import { userInfo } from 'node:os';

/** Who types, as the machine knows it: also behind sudo. */
export function boxUser(): string {
  return process.env['SUDO_USER'] ?? userInfo().username;
}
