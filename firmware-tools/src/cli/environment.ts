/** What the commands need of the world, so that tests can be the world. */
import { readFileSync } from 'node:fs';
import type { Link } from '@timeband/protocol';
import type { BleRadio, BleRadioOptions } from '../target/index.js';
import { CommandFailure, EXIT } from './exit-codes.js';

export interface Environment {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly findPorts: (pattern: string) => Promise<string[]>;
  /** @throws LinkError */
  readonly openLink: (options: { readonly path: string; readonly baudRate: number }) => Promise<Link>;
  /** Opens a Bluetooth controller. @throws TargetError `target/radio` */
  readonly openRadio: (options: Pick<BleRadioOptions, 'port' | 'keys'>) => Promise<BleRadio>;
  /** Asks for something that is not shown. @throws CommandFailure when there is no terminal to ask on */
  readonly askSecret: (prompt: string) => Promise<string>;
  /** Where progress can be drawn; none where nobody looks. */
  readonly terminal?: { readonly write: (text: string) => void; readonly columns: () => number } | undefined;
  /** Everything on standard input. */
  readonly readInput: () => Uint8Array;
  /** As the system names it: `zh_CN.UTF-8`. */
  readonly locale: string | undefined;
  /** Unix seconds. */
  readonly now: () => number;
  /** Where a picture that changes in place is drawn, or lines where there is no terminal. */
  readonly screen: {
    readonly isTerminal: boolean;
    readonly write: (text: string) => void;
    readonly columns: () => number;
  };
  /** Whether whoever reads what is printed has stopped, as `head` does: what goes on for ever ends then. */
  readonly isUnread?: (() => boolean) | undefined;
  /** Calls `action` on Ctrl-C; the result stops that. */
  readonly onInterrupt: (action: () => void) => () => void;
}

/** What is native is loaded when it is used: it takes long, and most commands use none of it. */
export const realEnvironment: Environment = {
  print: (line) => {
    console.log(line);
  },
  complain: (line) => {
    console.error(line);
  },
  findPorts: async (pattern) => (await import('@timeband/protocol/serial')).findPorts(pattern),
  openLink: async (options) => (await import('@timeband/protocol/serial')).openSerialLink(options),
  openRadio: async (options) => {
    const [{ BleRadio }, { systemTimers }] = await Promise.all([
      import('../target/index.js'),
      import('@timeband/protocol'),
    ]);
    const radio = new BleRadio({ ...options, timers: systemTimers });
    await radio.start();
    return radio;
  },
  askSecret: async (prompt) => {
    if (process.stdin.isTTY)
      return (await import('read')).read({ prompt, silent: true, output: process.stderr });
    throw new CommandFailure(
      EXIT.usage,
      'there is no terminal to ask for the passphrase: give --passphrase-file',
    );
  },
  terminal: process.stderr.isTTY
    ? { write: (text) => process.stderr.write(text), columns: () => process.stderr.columns }
    : undefined,
  readInput: () => readFileSync(0),
  locale: process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG'],
  now: () => Math.floor(Date.now() / 1000),
  screen: {
    isTerminal: process.stdout.isTTY,
    write: (text) => process.stdout.write(text),
    columns: () => (process.stdout.isTTY ? process.stdout.columns : 80),
  },
  isUnread: () => process.stdout.errored !== null || process.stdout.destroyed,
  onInterrupt: (action) => {
    process.once('SIGINT', action);
    return () => {
      process.off('SIGINT', action);
    };
  },
};
