/** Programs of Debian that tests run against: finds them, installs them where it may, or says how to get them. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** An installation downloads up to about 100 MB. */
export const INSTALL_TIMEOUT_MS = 300_000;

export const isRoot = process.getuid?.() === 0;

export interface DebianProgram {
  /** Names under which it may be installed already, the usual one first. */
  readonly names: readonly [string, ...string[]];
  /** The package that brings it. */
  readonly debianPackage: string;
  /** Variable that says where it is, if it is somewhere else. */
  readonly variable: string;
}

export const MOSQUITTO: DebianProgram = {
  ...{ names: ['mosquitto'], debianPackage: 'mosquitto', variable: 'MOSQUITTO' },
};
export const NATS_SERVER: DebianProgram = {
  ...{ names: ['nats-server'], debianPackage: 'nats-server', variable: 'NATS_SERVER' },
};

export const GCC: DebianProgram = {
  ...{ names: ['gcc', 'cc'], debianPackage: 'gcc libc6-dev', variable: 'CC' },
};
export const ARM_GCC: DebianProgram = {
  ...{ names: ['arm-none-eabi-gcc'], debianPackage: 'gcc-arm-none-eabi', variable: 'ARM_GCC' },
};

/** Where it is: as its variable says, on the PATH, or newly installed. @throws Error that says what to do */
export async function ensureDebian(program: DebianProgram): Promise<string> {
  const known = process.env[program.variable] ?? find(program.names);
  if (known !== undefined) return known;
  if (!isRoot || find(['apt-get']) === undefined) {
    throw new Error(missing(program, 'and this user may not install it'));
  }
  try {
    await install(program);
  } catch (error) {
    throw new Error(missing(program, 'and installing it failed'), { cause: error });
  }
  const installed = find(program.names);
  if (installed === undefined) throw new Error(missing(program, 'although it was just installed'));
  return installed;
}

/** Servers are not on every user's PATH. */
function find(names: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Under a lock: tests of other processes may want it at the same moment. Servers that it brings are not started. */
async function install({ names: [name], debianPackage }: DebianProgram): Promise<void> {
  const command = `apt-get install -y -qq --no-install-recommends ${debianPackage}`;
  const script = `command -v ${name} || ${command} || { apt-get update -qq && ${command}; }`;
  await promisify(execFile)('flock', [join(tmpdir(), 'timeband-apt.lock'), 'sh', '-c', script], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    timeout: INSTALL_TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
}

function missing({ names, debianPackage, variable }: DebianProgram, why: string): string {
  return (
    `no ${names[0]} on this machine (looked for ${names.join(', ')}), ${why}. ` +
    `Install it (Debian: apt-get install ${debianPackage}), or set ${variable} to the path of one.`
  );
}
