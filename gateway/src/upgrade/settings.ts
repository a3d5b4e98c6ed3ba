/** The settings as the version before had them. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function keepSettings(file: string, copy: string): void {
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  writeFileSync(copy, readFileSync(file), { mode: 0o600, flush: true });
}

/** Leaves the file alone where nothing was changed in it. */
export function putBackSettings(file: string, copy: string): void {
  if (!existsSync(copy)) return;
  const before = readFileSync(copy);
  if (before.equals(readFileSync(file))) return;
  writeFileSync(`${file}.back`, before, { mode: 0o644, flush: true });
  renameSync(`${file}.back`, file);
}
