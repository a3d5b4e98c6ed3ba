/** What can be typed while a simulated radio runs, a command a line. */
import { isRadioFault } from '../radio/faults/index.js';
import type { HomeVisit } from './home-visit.js';
import type { RadioFaultChoice, RadioSession } from './session.js';
import type { Wearer } from './wearer.js';

export const RADIO_CONSOLE_HELP = `press BAND                             a short press of the button: in or out, near a gateway
help BAND                              a long one: a call for help
visit PROVIDER RECIPIENT [SERVICE]     both go to the recipient's home, and press their buttons there
end-visit PROVIDER RECIPIENT [RATING]  press them again, and come back with the record; 1 to 5
stop                                   nobody does anything more by themselves; everybody comes back
fault NAME[:BAND]                      one band misbehaves, or all of them
heal                                   all bands behave
silent SECONDS                         the controller neither hears nor speaks for so long
reboot                                 the controller starts anew; the host is told nothing
unplug, plug                           pull the dongle, put it back
status                                 a line of JSON
quit                                   end`;

/** Longest line that is looked at. */
const MAX_LINE = 200;
/** A home visit, in the starter catalogue. */
const DEFAULT_SERVICE = 401;

const NOT_WORN = 'nobody wears these bands: they only echo. Start with --site and --issuer-key';

/** What there is to print. */
type Said = object | string | undefined;

/** Reads `NAME` or `NAME:BAND`; undefined for anything else. */
export function parseRadioFault(text: string): RadioFaultChoice | undefined {
  const [, name = '', band] = /^([a-z0-9-]+)(?::(\d{1,7}))?$/.exec(text) ?? [];
  return isRadioFault(name) ? { name, band: band === undefined ? undefined : Number(band) } : undefined;
}

/** Does what a line says. Returns what there is to print. */
export function performRadio(line: string, session: RadioSession, quit: () => void): Said {
  const [command = '', ...args] = line.slice(0, MAX_LINE).trim().split(/\s+/);
  switch (command) {
    case '':
      return undefined;
    case 'press':
      return press(args, session);
    case 'help':
      return args.length === 0 ? RADIO_CONSOLE_HELP : callForHelp(args, session);
    case 'visit':
      return visit(args, session);
    case 'end-visit':
      return endVisit(args, session);
    case 'stop':
      session.stop();
      return undefined;
    case 'fault':
      return misbehave(args, session);
    case 'heal':
      session.heal();
      return undefined;
    case 'silent':
      return fallSilent(args, session);
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
    default:
      return `"${command}" is no command; type help`;
  }
}

function press(args: readonly string[], session: RadioSession): Said {
  const [band, ...more] = numbers(args);
  if (band === undefined || more.length > 0) return 'press BAND, for example: press 3';
  return withWearer(session, band, ({ wristband }) => {
    wristband.press();
  });
}

function callForHelp(args: readonly string[], session: RadioSession): Said {
  const [band, ...more] = numbers(args);
  if (band === undefined || more.length > 0) return 'help BAND, for example: help 3';
  return withWearer(session, band, ({ wristband }) => {
    wristband.callForHelp();
  });
}

function visit(args: readonly string[], session: RadioSession): Said {
  const [provider, recipient, service = DEFAULT_SERVICE, ...more] = numbers(args);
  if (provider === undefined || recipient === undefined || provider === recipient || more.length > 0) {
    return 'visit PROVIDER RECIPIENT [SERVICE], for example: visit 3 4 401';
  }
  return withVisit(session, provider, recipient, (visit) =>
    visit.begin(service) ? undefined : 'these two are in a visit, or about to be; try end-visit',
  );
}

function endVisit(args: readonly string[], session: RadioSession): Said {
  const [provider, recipient, rating, ...more] = numbers(args);
  const isRating = rating === undefined || (rating >= 1 && rating <= 5);
  if (provider === undefined || recipient === undefined || !isRating || more.length > 0) {
    return 'end-visit PROVIDER RECIPIENT [RATING], for example: end-visit 3 4 5';
  }
  return withVisit(session, provider, recipient, (visit) =>
    visit.end(rating) ? undefined : 'these two are in no visit yet; try visit',
  );
}

function misbehave([argument = '']: readonly string[], session: RadioSession): Said {
  const fault = parseRadioFault(argument);
  if (fault === undefined) return 'fault NAME[:BAND]; bandsim radio --list-faults names them';
  return session.misbehave(fault) ? undefined : noBand(fault.band);
}

function fallSilent([seconds = '']: readonly string[], session: RadioSession): Said {
  if (!/^\d{1,4}$/.test(seconds)) return 'silent SECONDS, for example: silent 5';
  session.fallSilent(Number(seconds) * 1_000);
  return undefined;
}

/** Whole numbers; none at all where one of the arguments is none. */
function numbers(args: readonly string[]): readonly number[] {
  return args.every((argument) => /^\d{1,7}$/.test(argument)) ? args.map(Number) : [];
}

function withWearer(session: RadioSession, band: number, action: (wearer: Wearer) => void): Said {
  if (!session.isWorn) return NOT_WORN;
  return session.perform((wearers) => {
    const wearer = wearers.find(band);
    if (wearer === undefined) return noBand(band);
    action(wearer);
    return undefined;
  });
}

function withVisit(
  session: RadioSession,
  provider: number,
  recipient: number,
  action: (visit: HomeVisit) => Said,
): Said {
  if (!session.isWorn) return NOT_WORN;
  return session.perform((wearers) => {
    const [one, other] = [wearers.find(provider), wearers.find(recipient)];
    if (one === undefined) return noBand(provider);
    if (other === undefined) return noBand(recipient);
    return action(wearers.visit(one, other));
  });
}

function noBand(number = 0): string {
  return `there is no band ${number} here; bands count from 0, unless --bands says otherwise`;
}
