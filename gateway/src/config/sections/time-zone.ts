/** A setting that names a time zone. */
import { z } from 'zod';

export const timeZone = z.string().refine(isTimeZone, 'an IANA time zone such as Asia/Shanghai');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
