/** libfaketime of Debian, by which one program alone sees another time. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { INSTALL_TIMEOUT_MS, isRoot } from '../../../support/debian.js';

const FOLDER = '/usr/lib';
const FILE = 'faketime/libfaketimeMT.so.1';

/** Its path; installs it where that is allowed. @throws Error that says what to do */
export async function ensureFaketime(): Promise<string> {
  const found = find();
  if (found !== undefined) return found;
  if (!isRoot) throw new Error('no libfaketime on this machine (Debian: apt-get install libfaketime)');
  const install = 'apt-get install -y -qq --no-install-recommends libfaketime';
  await promisify(execFile)('sh', ['-c', `${install} || { apt-get update -qq && ${install}; }`], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: INSTALL_TIMEOUT_MS,
  });
  const installed = find();
  if (installed === undefined) throw new Error('libfaketime is not where Debian puts it');
  return installed;
}

function find(): string | undefined {
  return readdirSync(FOLDER)
    .map((name) => join(FOLDER, name, FILE))
    .find((path) => existsSync(path));
}
