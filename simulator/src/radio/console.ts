/** What can be typed while a simulated radio runs, a command a line. */
import { isRadioFault } from './faults/index.js';
import type { RadioFaultChoice, RadioSession } from './session.js';

export const RADIO_CONSOLE_HELP = `fault NAME[:BAND]      one band misbehaves, or all of them
heal                   all bands behave
silent SECONDS         the controller neither hears nor speaks for so long
reboot                 the controller starts anew; the host is told nothing
unplug, plug           pull the dongle, put it back
status                 a line of JSON
quit                   end`;

/** Longest line that is looked at. */
const MAX_LINE = 200;

/** Reads `NAME` or `NAME:BAND`; undefined for anything else. */
export function parseRadioFault(text: string): RadioFaultChoice | undefined {
  const [, name = '', band] = /^([a-z0-9-]+)(?::([1-9]\d{0,5}))?$/.exec(text) ?? [];
  return isRadioFault(name) ? { name, band: band === undefined ? undefined : Number(band) } : undefined;
}

/** Does what a line says. Returns what there is to print. */
export function performRadio(
  line: string,
  session: RadioSession,
  quit: () => void,
): object | string | undefined {
  const [command = '', argument = ''] = line.slice(0, MAX_LINE).trim().split(/\s+/);
  switch (command) {
    case '':
      return undefined;
    case 'fault': {
      const fault = parseRadioFault(argument);
      if (fault === undefined) return 'fault NAME[:BAND]; bandsim radio --list-faults names them';
      session.misbehave(fault);
      return undefined;
    }
    case 'heal':
      session.heal();
      return undefined;
    case 'silent': {
      if (!/^\d{1,4}$/.test(argument)) return 'silent SECONDS, for example: silent 5';
      session.fallSilent(Number(argument) * 1_000);
      return undefined;
    }
    case 'reboot':
      session.reboot();
      return undefined;
    case 'unplug':
      session.unplug();
      return { event: 'unplugged' };
    case 'plug':
      session.plug();
      return { event: 'plugged', path: session.path };
    case 'status':
      return session.status();
    case 'quit':
      quit();
      return undefined;
    case 'help':
      return RADIO_CONSOLE_HELP;
    default:
      return `"${command}" is no command; type help`;
  }
}
