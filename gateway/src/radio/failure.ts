/** Why a radio is of no use at the moment, in words for who can put it right. */

export type RadioFailureCode =
  | 'radio/not-found'
  | 'radio/permission'
  | 'radio/off'
  | 'radio/port'
  | 'radio/unplugged'
  | 'radio/silent'
  | 'radio/rebooted'
  | 'radio/hardware'
  | 'radio/lost-step'
  | 'radio/unsupported'
  | 'radio/process';

const REMEDY: Readonly<Record<RadioFailureCode, string>> = {
  'radio/not-found': 'Plug the adapter in, or correct radio.path or radio.adapter in the configuration.',
  'radio/permission':
    'Let the gateway open it: for a serial dongle put its user into the group of the device (often dialout), for a built-in adapter give the process CAP_NET_ADMIN and CAP_NET_RAW.',
  'radio/off': 'Switch the adapter on, and lift what blocks it (rfkill unblock bluetooth).',
  'radio/port': 'See that no other program, such as a Bluetooth daemon, uses the adapter.',
  'radio/unplugged': 'Plug it in again; it is looked for every second.',
  'radio/silent': 'It is reset by itself. If this happens often, plug it in anew or replace it.',
  'radio/rebooted': 'It is set up again by itself. If this happens often, look at its power supply.',
  'radio/hardware': 'It is reset by itself. If this happens often, replace it.',
  'radio/lost-step':
    'It is reset by itself. If this happens often, lower radio.baudRate or turn flow control on.',
  'radio/unsupported': 'It needs Bluetooth 4.0 or later with Low Energy. Use another adapter.',
  'radio/process':
    'It is started again by itself. If this happens often, report the log lines before this one.',
};

export class RadioFailure extends Error {
  override readonly name = 'RadioFailure';

  constructor(
    readonly code: RadioFailureCode,
    message: string,
  ) {
    super(message);
  }

  /** What to do about it. */
  get remedy(): string {
    return REMEDY[this.code];
  }
}
