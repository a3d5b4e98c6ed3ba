/** Disks that can be filled, made read-only and cut off from their power, as far as this machine lets us: root and loop devices. */
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `image`: ext4 in a file, as on an SD card. `memory`: a small tmpfs. `folder`: the disk of this machine, which is left alone. */
export type DiskKind = 'image' | 'memory' | 'folder';

const CHUNK = Buffer.alloc(65_536, 0x5a);

export class Disk {
  private isMounted = false;

  private constructor(
    readonly kind: DiskKind,
    readonly dir: string,
    private readonly image: string,
    private readonly megabytes: number,
  ) {}

  /** Makes one under a folder, of the best kind that this machine allows. */
  static make(parent: string, megabytes: number, wanted: DiskKind = bestDisk()): Disk {
    const disk = new Disk(wanted, join(parent, 'disk'), join(parent, 'disk.img'), megabytes);
    mkdirSync(disk.dir);
    if (wanted === 'image') {
      closeSync(openSync(disk.image, 'w'));
      truncateSync(disk.image, megabytes * 1_000_000);
      // Without a reserve for root: what is full is full for everybody.
      execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', disk.image], { stdio: 'pipe' });
    }
    disk.mount();
    return disk;
  }

  /** Takes all room that is left, under a name of its own. */
  fill(): void {
    const fd = openSync(this.ballast, 'a');
    try {
      for (const size of [CHUNK.length, 4_096, 512, 1]) {
        while (this.append(fd, CHUNK.subarray(0, size)));
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Gives back what {@link fill} took. */
  makeRoom(): void {
    rmSync(this.ballast, { force: true });
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.dir);
    return bavail * bsize;
  }

  /** From now on nothing reaches the disk, and what was not yet on it never will. Only of an image. */
  async cut(): Promise<void> {
    await run('mount', ['-o', 'remount,abort', this.dir]);
  }

  /** Takes it away and brings it back as it is on disk; nobody may have a file on it open. */
  async remount(): Promise<void> {
    await this.unmount();
    this.mount();
  }

  async unmount(): Promise<void> {
    if (!this.isMounted) return;
    this.isMounted = false;
    // A process that was killed lets go a moment later.
    for (let tries = 0; ; tries++) {
      try {
        await run('umount', [this.dir]);
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Lets things be only read; only while no file is open for writing. */
  async setReadonly(isReadonly: boolean): Promise<void> {
    await run('mount', ['-o', `remount,${isReadonly ? 'ro' : 'rw'}`, this.dir]);
  }

  private get ballast(): string {
    return join(this.dir, 'ballast');
  }

  private append(fd: number, bytes: Uint8Array): boolean {
    try {
      return writeSync(fd, bytes) > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
      throw error;
    }
  }

  private mount(): void {
    if (this.kind === 'folder') return;
    const args =
      this.kind === 'image'
        ? ['-o', 'loop', this.image, this.dir]
        : ['-t', 'tmpfs', '-o', `size=${this.megabytes}m`, 'tmpfs', this.dir];
    execFileSync('mount', args, { stdio: 'pipe' });
    this.isMounted = true;
  }
}

let best: DiskKind | undefined;

/** What this machine allows; tried once. */
export function bestDisk(): DiskKind {
  best ??= (['image', 'memory'] as const).find(canMount) ?? 'folder';
  return best;
}

function canMount(kind: 'image' | 'memory'): boolean {
  if (process.getuid?.() !== 0) return false;
  const parent = `/tmp/timeband-disk-${process.pid}`;
  mkdirSync(parent);
  try {
    const disk = Disk.make(parent, 8, kind);
    execFileSync('umount', [disk.dir], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
