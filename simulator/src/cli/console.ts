/** What can be typed while a simulated reader runs, a command a line. */
import { MEAL_SLOT, type MealSlot } from '@timeband/protocol';
import { FAULT_NAMES, parseFault } from '../faults/index.js';
import { ACTIVITY_HELP } from './activity-command.js';
import { parseUid } from './options.js';
import { isRedeemCommand, REDEEM_HELP, redeemCommand } from './redeem-command.js';
import type { Session } from './session.js';

export const CONSOLE_HELP = `tap BAND [in|out] [SERVICE]   a band by its number, or a tag by its UID in hex
collect BAND [SLOT]           a band by its number fetches a meal: breakfast, lunch or dinner
${REDEEM_HELP}
${ACTIVITY_HELP}
unplug, plug                  pull the cable, put it back
reboot                        the power button
power-off [BYTES], power-on   the power fails, at once or after so many bytes written to image flash
recovery                      stay in serial recovery at the next start
fault NAME[:AFTER], heal      misbehave, behave
status                        a line of JSON
stop-taps                     no more random taps
quit                          end`;

/** Longest line that is looked at. */
const MAX_LINE = 200;

/** Does what a line says. Returns a message when it says nothing sensible, or the help. */
export function perform(line: string, session: Session, quit: () => void): string | undefined {
  const [command = '', ...args] = line.slice(0, MAX_LINE).trim().split(/\s+/);
  if (isRedeemCommand(command)) return redeemCommand(command, args, session);
  switch (command) {
    case '':
      return undefined;
    case 'tap':
      return tap(args, session);
    case 'collect':
      return collect(args, session);
    case 'activity':
      return session.activity(args);
    case 'fault': {
      const fault = parseFault(args[0] ?? '');
      if (fault === undefined) return `fault NAME[:AFTER], one of: ${FAULT_NAMES.join(', ')}`;
      session.misbehave(fault);
      return undefined;
    }
    case 'unplug':
      session.unplug();
      return undefined;
    case 'plug':
      session.plug();
      return undefined;
    case 'reboot':
      session.reboot();
      return undefined;
    case 'power-off':
      session.cutPower(args[0] === undefined ? undefined : Number(args[0]) || 0);
      return undefined;
    case 'power-on':
      session.restorePower();
      return undefined;
    case 'recovery':
      session.holdRecovery();
      return undefined;
    case 'heal':
      session.heal();
      return undefined;
    case 'status':
      session.reportStatus();
      return undefined;
    case 'stop-taps':
      session.stopTaps();
      return undefined;
    case 'quit':
      quit();
      return undefined;
    case 'help':
      return CONSOLE_HELP;
    default:
      return `"${command}" is no command; type help`;
  }
}

function collect(
  [band = '', slot = 'lunch', ...more]: readonly string[],
  session: Session,
): string | undefined {
  if (!/^\d{1,7}$/.test(band) || !isSlot(slot) || more.length > 0)
    return 'collect BAND [breakfast|lunch|dinner], for example: collect 3';
  session.collect(Number(band), slot);
  return undefined;
}

function isSlot(text: string): text is MealSlot {
  return Object.hasOwn(MEAL_SLOT, text);
}

function tap(args: readonly string[], session: Session): string | undefined {
  const [band = '', ...rest] = args;
  const direction = rest[0] === 'in' || rest[0] === 'out' ? rest[0] : undefined;
  const [service, ...more] = direction === undefined ? rest : rest.slice(1);
  const number = /^\d{1,7}$/.test(band) ? Number(band) : undefined;
  const uid = number === undefined ? parseUid(band) : undefined;
  const isService = service === undefined || /^\d{1,6}$/.test(service);
  if ((number === undefined && uid === undefined) || !isService || more.length > 0) {
    return 'tap BAND [in|out] [SERVICE], for example: tap 3 in 201, or: tap 04a1b2c3d4e5f6';
  }
  const serviceNumber = service === undefined ? undefined : Number(service);
  if (number !== undefined) session.tap(number, direction, serviceNumber);
  else if (uid !== undefined) session.tapTag(uid, direction, serviceNumber);
  return undefined;
}
