/** Why a radio is of no use at the moment, in words for who can put it right. docs/bluetooth.md explains each code. */

export type RadioFailureCode =
  | 'radio/not-found'
  | 'radio/not-built'
  | 'radio/permission'
  | 'radio/off'
  | 'radio/busy'
  | 'radio/port'
  | 'radio/unplugged'
  | 'radio/silent'
  | 'radio/rebooted'
  | 'radio/hardware'
  | 'radio/lost-step'
  | 'radio/unsupported'
  | 'radio/process';

const REMEDY: Readonly<Record<RadioFailureCode, string>> = {
  'radio/not-found':
    'Plug the adapter in, or name the right one: radio.path or radio.adapter in the configuration, --adapter of bandctl.',
  'radio/not-built':
    'Build it, in the folder where the program is installed: npm explore @stoprocent/bluetooth-hci-socket -- npm run rebuild. That takes a C++ toolchain and Python.',
  'radio/permission':
    'Let this user open it: for a serial dongle put the user into the group of the device (often dialout), for an adapter of the kernel give the unit AmbientCapabilities=CAP_NET_ADMIN.',
  'radio/off': 'Lift what blocks the adapter: rfkill unblock bluetooth, or the switch of the machine.',
  'radio/busy':
    'Stop what uses it: for an adapter of the kernel systemctl disable --now bluetooth, then hciconfig hci0 down; for a serial dongle ModemManager, or a second gateway.',
  'radio/port': 'It is tried again by itself. If this stays, plug the adapter in anew and look at dmesg.',
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

export const RADIO_FAILURE_CODES: readonly string[] = Object.keys(REMEDY);

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
