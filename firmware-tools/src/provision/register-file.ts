/** The site's register on disk: appended to, synced before it counts, and used by one program at a time. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {
  type PrivateKey,
  readRegister,
  type Register,
  REGISTER_HEADER,
  type RegisterEntry,
  registerLine,
  type RegisterNote,
  type RegisterOptions,
  TimebandError,
} from '@timeband/protocol';
import { ProvisionError } from './errors.js';

/** Whoever can read it can follow bands and speak for devices that only MAC. */
const MODE = 0o600;

export class RegisterFile {
  private constructor(
    readonly file: string,
    readonly register: Register,
    private readonly fd: number,
  ) {}

  /**
   * Opens it for this program alone, or makes it. The beginning of a line that a loss of power cut off is removed.
   * @throws ProvisionError `desk/site`, `desk/busy`
   */
  static open(file: string, options: RegisterOptions): RegisterFile {
    lock(`${file}.lock`);
    try {
      const fd = openSync(file, existsSync(file) ? 'r+' : 'wx+', MODE);
      if ((fstatSync(fd).mode & 0o077) !== 0) {
        throw new ProvisionError('desk/site', `${file} can be read by others. Run: chmod 600 ${file}`);
      }
      if (fstatSync(fd).size === 0) append(fd, `${REGISTER_HEADER}\n`);
      const { register, length } = readRegister(readFileSync(file, 'utf8'), options);
      ftruncateSync(fd, length);
      return new RegisterFile(file, register, fd);
    } catch (error) {
      rmSync(`${file}.lock`, { force: true });
      if (error instanceof TimebandError) {
        throw new ProvisionError('desk/site', `${file} does not hold: ${error.message} (${error.code})`);
      }
      throw error;
    }
  }

  /** Signs and writes an entry. When this returns it is on disk. `at` is Unix seconds. @throws RegisterError */
  append(key: PrivateKey, at: number, note: RegisterNote): RegisterEntry {
    const bytes = this.register.draft(key, at, note);
    const entry = this.register.take(bytes);
    append(this.fd, registerLine(bytes));
    return entry;
  }

  close(): void {
    closeSync(this.fd);
    rmSync(`${this.file}.lock`, { force: true });
  }
}

function append(fd: number, text: string): void {
  writeSync(fd, text, fstatSync(fd).size);
  fsyncSync(fd);
}

/** @throws ProvisionError `desk/busy` */
function lock(file: string): void {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: MODE });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const owner = Number(readFileSync(file, 'utf8'));
      if (owner === process.pid || isRunning(owner)) {
        throw new ProvisionError('desk/busy', `another program (${owner}) uses the register: ${file}`);
      }
      rmSync(file, { force: true }); // whoever made it was killed
    }
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
