/**
 * A pseudo-terminal as a reader's serial port: a gateway opens its slave side like any `/dev/tty…`, and it can be
 * pulled out and plugged in again under a path that stays.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { openPty, type OpenPty } from './node-pty.js';

/** Open files of this process, on Linux. */
const DESCRIPTORS = '/proc/self/fd';

/** Written but not read by anybody: a UART loses bytes then, and so does this. */
const MAX_UNREAD_BYTES = 65_536;

export interface PtyPortOptions {
  /** A symbolic link to keep pointing at the slave's path. */
  readonly link?: string | undefined;
  readonly onData: (bytes: Uint8Array) => void;
}

interface Plugged {
  readonly pty: OpenPty;
  /** Held open, or the master would hang up whenever the gateway closes. */
  readonly slave: number;
}

export class PtyPort {
  /** Bytes lost because nobody read. */
  dropped = 0;
  private plugged: Plugged | undefined;

  /** Opens a pseudo-terminal, plugged in. @throws Error of the system: no terminal left, link not writable */
  constructor(private readonly options: PtyPortOptions) {
    this.plug();
  }

  /** Path that a gateway opens; undefined while unplugged. */
  get path(): string | undefined {
    return this.plugged?.pty.ptsName;
  }

  /** Bytes written that the terminal has not taken yet: whoever has it open does not read. */
  get unread(): number {
    return this.plugged?.pty.master.writableLength ?? 0;
  }

  /** A new terminal behind the same link. Does nothing when plugged in. @throws Error of the system */
  plug(): void {
    if (this.plugged !== undefined) return;
    const pty = openPty({ encoding: null });
    pty.slave.destroy(); // node-pty reads it: it would take the gateway's bytes
    const slave = leftOpen(pty.ptsName) ?? openSync(pty.ptsName, constants.O_RDWR | constants.O_NOCTTY);
    this.plugged = { pty, slave };
    pty.master.on('data', (bytes: Uint8Array) => {
      if (this.plugged?.pty === pty) this.options.onData(bytes);
    });
    try {
      execFileSync('stty', ['-F', pty.ptsName, 'raw', '-echo']);
      if (this.options.link !== undefined) pointLink(this.options.link, pty.ptsName);
    } catch (error) {
      this.unplug(); // or the terminal would keep the process alive
      throw error;
    }
  }

  /** The terminal and its link are gone: whoever has it open gets a hang-up. Does nothing when unplugged. */
  unplug(): void {
    if (this.plugged === undefined) return;
    const { pty, slave } = this.plugged;
    this.plugged = undefined;
    if (this.options.link !== undefined) removeLink(this.options.link, pty.ptsName);
    closeSync(slave);
    pty.master.destroy();
  }

  write(bytes: Uint8Array): void {
    const master = this.plugged?.pty.master;
    if (master === undefined || master.writableLength + bytes.length > MAX_UNREAD_BYTES) {
      this.dropped += bytes.length;
      return;
    }
    master.write(bytes);
  }
}

/**
 * The descriptor of a terminal that is open in this process already: libuv reads a terminal by a second one of its
 * own, so that the one node-pty opened stays when the stream is destroyed, and would never be closed.
 */
function leftOpen(path: string): number | undefined {
  if (!existsSync(DESCRIPTORS)) return undefined;
  const found = readdirSync(DESCRIPTORS).find((fd) => linkTarget(join(DESCRIPTORS, fd)) === path);
  return found === undefined ? undefined : Number(found);
}

/** Replaces the link in one step, so that nobody finds it missing. */
function pointLink(link: string, target: string): void {
  const temporary = `${link}.${process.pid}.new`;
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

/** Removes the link unless another reader has taken it over. */
function removeLink(link: string, target: string): void {
  if (linkTarget(link) === target) unlinkSync(link);
}

/** Where a symbolic link points; undefined where there is none. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EINVAL')) {
      return undefined;
    }
    throw error;
  }
}
