/** What can be typed at a simulated reader about redemptions: minutes for a service, held, spent or given back. */
import { isId, RELEASE_REASON, type ReleaseReason } from '@timeband/protocol';
import type { Entered, NewHold, Redemptions } from '../firmware/redemptions.js';

export const REDEEM_HELP = `redeem BAND SERVICE MINUTES SUPPLIER   a band by its number holds minutes for a service
capture [HOLD]                it was given: what was held is spent. HOLD is the number that was logged
release [HOLD] [REASON]       it was not, and they go back: ${Object.keys(RELEASE_REASON).join(', ')}
held                          what is held here`;

export interface RedeemDesk {
  readonly redemptions: Redemptions;
  /** Has a band by its number hold minutes. */
  readonly redeem: (band: number, hold: Omit<NewHold, 'proof'>) => Entered;
}

const COMMANDS = ['redeem', 'capture', 'release', 'held'] as const;
export type RedeemCommand = (typeof COMMANDS)[number];

export function isRedeemCommand(command: string): command is RedeemCommand {
  return (COMMANDS as readonly string[]).includes(command);
}

/** @returns what to say to whoever typed it */
export function redeemCommand(command: RedeemCommand, args: readonly string[], desk: RedeemDesk): string {
  switch (command) {
    case 'redeem':
      return hold(args, desk);
    case 'held':
      return held(desk.redemptions);
    case 'capture': {
      const [number, ...more] = args;
      if (more.length > 0 || (number !== undefined && !isNumber(number)))
        return 'capture [HOLD], for example: capture 5';
      return said(desk.redemptions.capture(number === undefined ? undefined : Number(number)), 'spent');
    }
    case 'release': {
      const [first = '', ...others] = args;
      const rest = isNumber(first) ? others : args;
      const [reason = 'noShow', ...more] = rest;
      if (!isReason(reason) || more.length > 0)
        return `release [HOLD] [${Object.keys(RELEASE_REASON).join('|')}], for example: release 5 noShow`;
      return said(
        desk.redemptions.release(isNumber(first) ? Number(first) : undefined, reason),
        'given back',
      );
    }
  }
}

function hold(args: readonly string[], desk: RedeemDesk): string {
  const [band = '', service = '', minutes = '', supplier = '', ...more] = args;
  const isSound = [band, service, minutes].every(isNumber) && isId(supplier) && Number(minutes) > 0;
  if (!isSound || more.length > 0)
    return 'redeem BAND SERVICE MINUTES SUPPLIER, for example: redeem 3 206 60 account-4';
  return said(
    desk.redeem(Number(band), { service: Number(service), price: Number(minutes), supplier }),
    'held',
  );
}

function held(redemptions: Redemptions): string {
  const open = redemptions.open();
  if (open.length === 0) return 'nothing is held here';
  return open
    .map(({ seq, redeem }) => `${seq}: ${redeem.price} minutes for ${redeem.service} by ${redeem.supplier}`)
    .join('\n');
}

function said(entered: Entered, how: string): string {
  return 'seq' in entered ? `${how}, record ${entered.seq}` : entered.problem;
}

function isNumber(text: string): boolean {
  return /^\d{1,7}$/.test(text);
}

function isReason(text: string): text is ReleaseReason {
  return Object.hasOwn(RELEASE_REASON, text);
}
