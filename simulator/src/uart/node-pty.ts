/** The one function of node-pty that we use, which its own types leave out: a terminal without a process in it. */
import type { ReadStream } from 'node:tty';

declare module '@lydell/node-pty' {
  /** A bare pseudo-terminal, both of its ends already being read. */
  export interface OpenPty {
    readonly master: ReadStream;
    readonly slave: ReadStream;
    /** Path of the slave's device. */
    readonly ptsName: string;
  }

  export function open(options: { readonly encoding: null }): OpenPty;
}

export { open as openPty, type OpenPty } from '@lydell/node-pty';
