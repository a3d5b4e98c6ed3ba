/** Runs one of the programs to its end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Outcome {
  readonly exitCode: number;
  /** What it printed; of a failure also what it printed as errors. */
  readonly out: string;
}

const run = promisify(execFile);

export async function outcome(args: readonly string[]): Promise<Outcome> {
  try {
    const { stdout } = await run(process.execPath, [...args]);
    return { exitCode: 0, out: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, out: stdout + stderr };
  }
}
