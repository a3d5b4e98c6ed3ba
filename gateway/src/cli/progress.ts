/** How far long work is: a line that moves on a terminal, a line now and then elsewhere. On standard error. */
import type { JobProgress } from '../ops/jobs.js';

const WIDTH = 30;
/** Between two lines where nobody watches. */
const LINE_EVERY_MS = 10_000;

export interface ProgressLine {
  readonly show: (progress: JobProgress) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

export function progressLine(what: string, out: NodeJS.WriteStream = process.stderr): ProgressLine {
  let saidAt = performance.now();
  let said = '';
  return {
    show: ({ done, total }) => {
      if (total === 0) return;
      const share = Math.min(1, done / total);
      const percent = `${Math.floor(share * 100)} %`;
      if (out.isTTY) {
        const line = `${what} [${'#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH)}] ${percent}`;
        if (line !== said) out.write(`\r${line}`);
        said = line;
      } else if (performance.now() - saidAt > LINE_EVERY_MS) {
        saidAt = performance.now();
        out.write(`${what}: ${percent}\n`);
      }
    },
    clear: () => {
      if (said !== '') out.write(`\r${' '.repeat(said.length)}\r`);
      said = '';
    },
  };
}
