/** Versions of images, `major.minor.revision+build` (MCUboot, struct image_version). */
import { ImageError } from './errors.js';

export interface ImageVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
  readonly build: number;
}

const PATTERN = /^(\d+)(?:\.(\d+)(?:\.(\d+)(?:\+(\d+))?)?)?$/;
const MAX = { major: 0xff, minor: 0xff, revision: 0xffff, build: 0xffff_ffff } as const;

/** Later parts may be left out: `2`, `2.1`, `2.1.7`, `2.1.7+33`. @throws ImageError `image/option` */
export function parseVersion(text: string): ImageVersion {
  const [, major, minor = '0', revision = '0', build = '0'] = PATTERN.exec(text) ?? [];
  if (major === undefined)
    throw new ImageError('image/option', `"${text}" is no version: write it like 2.1.7 or 2.1.7+33`);
  const version = { major: +major, minor: +minor, revision: +revision, build: +build };
  for (const [part, max] of Object.entries(MAX)) {
    const value = version[part as keyof ImageVersion];
    if (value > max) throw new ImageError('image/option', `the ${part} of ${text} is more than ${max}`);
  }
  return version;
}

/** As MCUboot and SMP's image group write it; a build of 0 is left out. */
export function formatVersion({ major, minor, revision, build }: ImageVersion): string {
  return `${major}.${minor}.${revision}${build === 0 ? '' : `+${build}`}`;
}

/** Below 0 when `a` is older. MCUboot compares the build number last, and only where it is configured to. */
export function compareVersions(a: ImageVersion, b: ImageVersion): number {
  return a.major - b.major || a.minor - b.minor || a.revision - b.revision || a.build - b.build;
}
