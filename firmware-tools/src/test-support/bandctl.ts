/** Runs `bandctl` in this process, with what it needs of the world under the test's control. */
import { LinkError } from '@timeband/protocol';
import type { Environment } from '../cli/environment.js';
import type { ExitCode } from '../cli/exit-codes.js';
import { run } from '../cli/program.js';
import { TargetError } from '../target/index.js';
import { FakeDevice, NOW } from './device.js';

export interface Outcome {
  readonly exitCode: ExitCode;
  readonly out: string[];
  readonly err: string[];
}

/** Runs `bandctl` on ports with these devices; a string is the reason why a port does not open. */
export async function bandctl(
  line: string | readonly string[],
  ports: Readonly<Record<string, FakeDevice | string>> = { '/dev/ttyUSB0': new FakeDevice() },
  changed: Partial<Environment> = {},
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await run(
    ['node', 'bandctl', ...(typeof line === 'string' ? line.split(' ').filter(Boolean) : line)],
    {
      print: (text) => out.push(text),
      complain: (text) => err.push(text),
      findPorts: () => Promise.resolve(Object.keys(ports)),
      openLink: ({ path }) => {
        const device = ports[path] ?? 'no such file';
        if (typeof device !== 'string') return Promise.resolve(device);
        return Promise.reject(new LinkError('link/open', `cannot open ${path}: ${device}`));
      },
      openRadio: () => Promise.reject(new TargetError('target/radio', 'there is no radio')),
      askSecret: (prompt) => Promise.reject(new Error(`nobody is there to answer "${prompt}"`)),
      readInput: () => new Uint8Array(),
      locale: 'C',
      now: () => NOW,
      screen: { isTerminal: false, write: (text) => out.push(text.trimEnd()), columns: () => 80 },
      onInterrupt: () => () => undefined,
      ...changed,
    },
  );
  return { exitCode, out, err };
}
