/**
 * Works in the gateway's folder as the user that owns it, in a process of its own: what root writes there the gateway
 * could not open, and links that the gateway's user made lead root nowhere.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UpgradeError } from '../upgrade-error.js';
import { answerSchema, type FolderRequest } from './messages.js';

const PROGRAM = fileURLToPath(new URL('./bin.js', import.meta.url));

/** @returns what was done @throws UpgradeError */
export function inFolder(dataDir: string, request: FolderRequest): number | boolean | null {
  const { uid, gid } = statSync(dataDir);
  const isRoot = process.getuid?.() === 0;
  const { stdout, status, error } = spawnSync(process.execPath, [PROGRAM, JSON.stringify(request)], {
    ...(isRoot && uid !== 0 && { uid, gid }),
    cwd: dataDir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined || status !== 0) {
    throw new UpgradeError(
      `the database could not be worked with: ${error?.message ?? `exit code ${status ?? 'none'}`}`,
    );
  }
  const answer = answerSchema.parse(JSON.parse(stdout));
  if ('refused' in answer) throw new UpgradeError(answer.refused);
  return answer.done;
}
