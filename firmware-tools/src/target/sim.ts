/** A device that is not there: `bandsim reader`, started for the command and ended with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { PrivateKey } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { serialTarget } from './serial.js';
import { TargetError, type Targets } from './target.js';

const SITE = 'simulated-site';
const START_MS = 10_000;
const END_MS = 3_000;

export interface SimulatorChoice {
  /** More for `bandsim reader`, such as `--fault NAME`. Its site and key are made up unless they are among these. */
  readonly args?: readonly string[] | undefined;
  /** Path of the program; found beside this one, or by the system, without. */
  readonly program?: string | undefined;
}

/** A device whose world is ours. */
export interface SimulatedTargets extends Targets {
  /** Absent where its key came from a file among the arguments. */
  readonly issuer: Targets['issuer'];
  /** Takes its power and gives it back; resolves when it has started anew. */
  readonly restart: () => Promise<void>;
}

/** @throws TargetError `target/simulator` */
export async function simulatedTargets({
  args = [],
  program,
}: SimulatorChoice = {}): Promise<SimulatedTargets> {
  const folder = mkdtempSync(join(tmpdir(), 'bandctl-sim-'));
  const forget = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const key = join(folder, 'issuer-key.pem');
  // The port stays under this name when the simulated device is unplugged and comes back.
  const link = join(folder, 'device');
  const issuerKey = PrivateKey.generate();
  writeFileSync(key, writePrivateKeyPem(issuerKey), { mode: 0o600 });
  const child = spawn(
    program ?? findSimulator(),
    [
      'reader',
      '--json',
      ...withDefault(args, '--site', SITE),
      ...withDefault(args, '--issuer-key', key),
      ...withDefault(args, '--link', link),
      ...args,
    ],
    // Ctrl-C at the terminal is for us, who end it in order.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  const said = createLines(child);
  try {
    await isReady(child, said);
  } catch (error) {
    child.kill('SIGKILL');
    forget();
    throw error;
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const site = valueOf(args, '--site') ?? SITE;
  return {
    list: [serialTarget(valueOf(args, '--link') ?? link)],
    issuer: isNamed(args, '--issuer-key') ? undefined : { key: issuerKey, name: site, site },
    restart: async () => {
      // The first thing that a start does is to log itself.
      const started = nextLine(said, '"logged"');
      child.stdin.write('reboot\n');
      await started;
    },
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const insist = setTimeout(() => child.kill('SIGKILL'), END_MS);
        await ended;
        clearTimeout(insist);
      }
      forget();
    },
  };
}

function withDefault(args: readonly string[], name: string, value: string): string[] {
  return isNamed(args, name) ? [] : [name, value];
}

function isNamed(args: readonly string[], name: string): boolean {
  return args.some((arg) => arg === name || arg.startsWith(`${name}=`));
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  const arg = args[at];
  return arg === name ? args[at + 1] : arg?.slice(name.length + 1);
}

/** What it says, a line at a time. */
function createLines({ stdout }: { readonly stdout: Readable }): Interface {
  return createInterface({ input: stdout });
}

/** The next line that says this; late lines are not waited for. */
function nextLine(lines: Interface, what: string): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(late);
      lines.off('line', listener);
      resolve();
    };
    const late = setTimeout(end, END_MS);
    const listener = (line: string): void => {
      if (line.includes(what)) end();
    };
    lines.on('line', listener);
  });
}

/** Beside this package where npm put both, else wherever the system finds it. */
function findSimulator(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const program = join(folder, 'node_modules', '.bin', 'bandsim');
    if (existsSync(program)) return program;
    if (dirname(folder) === folder) return 'bandsim';
  }
}

/** Its first line says that its port is there. */
function isReady(child: ChildProcess, lines: Interface): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const fail = (why: string): void => {
      reject(new TargetError('target/simulator', `the simulator cannot be started: ${why}`));
    };
    const late = setTimeout(() => {
      fail(`it says nothing for ${START_MS} ms`);
    }, START_MS);
    child.once('error', (error) => {
      clearTimeout(late);
      fail(error.message);
    });
    child.once('close', (code) => {
      clearTimeout(late);
      fail(said.join(' ').trim() || `it ended with ${String(code)}`);
    });
    child.stdin?.on('error', () => undefined); // it ended first: `close` tells
    child.stderr?.on('data', (text: Buffer) => {
      if (said.length < 20) said.push(text.toString());
    });
    lines.on('line', (line) => {
      if (!line.includes('"ready"')) return;
      clearTimeout(late);
      resolve();
    });
  });
}
