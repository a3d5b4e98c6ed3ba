/** Has the running gateway do something that takes long, and says how far it is. */
import { askControl, ControlError } from '../ops/control.js';
import type { JobAnswer, JobProgress } from '../ops/jobs.js';

/** The gateway looks at its socket between two commits; a slow disk may hold one up. */
const PATIENCE_MS = 30_000;

export interface JobQuestion {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly progress?: ((progress: JobProgress) => void) | undefined;
  readonly goOn?: (() => void) | undefined;
}

/**
 * @returns nothing when no gateway answers on the socket
 * @throws ControlError what the gateway says went wrong
 */
export async function askJob(
  socket: string,
  { path, query, progress, goOn }: JobQuestion,
): Promise<{ readonly result: unknown } | undefined> {
  for (let asked = query ?? {}; ;) {
    let answer: JobAnswer;
    try {
      answer = (await askControl(socket, { path, query: asked, timeoutMs: PATIENCE_MS })) as JobAnswer;
    } catch (error) {
      const isFirst = !('job' in asked);
      if (isFirst && isNobodyThere(error)) return undefined;
      throw error instanceof ControlError && error.reason === 'not-found'
        ? new ControlError('failed', 'the gateway was started again meanwhile')
        : error;
    }
    progress?.(answer);
    if ('result' in answer) return { result: answer.result };
    goOn?.();
    asked = { job: answer.job };
  }
}

function isNobodyThere(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '');
}
