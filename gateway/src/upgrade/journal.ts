/** How far an upgrade has come, on disk before each step, so that a loss of power leaves no doubt. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { UpgradeError } from './upgrade-error.js';

const schema = z.object({
  /** Folders of versions. */
  from: z.string(),
  to: z.string(),
  config: z.string(),
  service: z.string().optional(),
  patienceSeconds: z.number(),
  settleSeconds: z.number(),
  /** Whether the gateway ran when it began. */
  wasRunning: z.boolean(),
  /** Readers that the old version followed. */
  followed: z.int(),
  /** `copying`: nothing was changed. `trying`: the new version is in use on trial. `going-back`: it failed. */
  phase: z.enum(['copying', 'trying', 'going-back']),
  /** The database as it was, where the new version changes its tables. */
  copy: z.string().optional(),
  because: z.string().optional(),
});

export type Journal = z.infer<typeof schema>;

const outcomeSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** Unix seconds. */
  at: z.number(),
  outcome: z.enum(['in-use', 'not-tried', 'gone-back', 'stays']),
  says: z.string(),
  /** Of the database before, while it is kept. */
  copy: z.string().optional(),
});

export type Outcome = z.infer<typeof outcomeSchema>;

export function readJournal(file: string): Journal | undefined {
  return read(file, schema);
}

export function readOutcome(file: string): Outcome | undefined {
  return read(file, outcomeSchema);
}

export function writeDurably(file: string, value: Journal | Outcome): void {
  const fd = openSync(`${file}.new`, 'w', 0o644);
  try {
    writeSync(fd, `${JSON.stringify(value, undefined, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
}

export function removeJournal(file: string): void {
  rmSync(file, { force: true });
}

function read<T>(file: string, as: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return as.parse(JSON.parse(text));
  } catch (error) {
    throw new UpgradeError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
