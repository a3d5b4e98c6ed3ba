/** Which device becomes what, from a table that a person wrote: `serial,device,account`, a line each. */
import { isId } from '@timeband/protocol';
import type { Plan } from '../provision/index.js';
import { ProvisionError } from '../provision/index.js';

/** @throws ProvisionError `desk/site` that names the line */
export function readPlans(text: string): ReadonlyMap<string, Plan> {
  const plans = new Map<string, Plan>();
  const given = new Set<string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const [serial = '', device = '', account = '', ...more] = line.split(',').map((cell) => cell.trim());
    if (line.trim() === '' || line.startsWith('#') || (i === 0 && serial === 'serial')) continue;
    const isSound = isId(serial) && [device, account].every((id) => id === '' || isId(id));
    if (!isSound || more.length > 0 || plans.has(serial) || (device !== '' && given.has(device))) {
      throw new ProvisionError(
        'desk/site',
        `line ${i + 1}: "${line}" is not serial,device,account with ids that stand there once; device and account may be empty`,
      );
    }
    given.add(device);
    plans.set(serial, { ...(device !== '' && { device }), ...(account !== '' && { account }) });
  }
  return plans;
}
