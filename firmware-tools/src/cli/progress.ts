/** Progress of several devices: a line each, drawn over and over on a terminal, told once a phase elsewhere. */
import { RateMeter, type UpdateProgress } from '../update/index.js';
import type { Environment } from './environment.js';

const BAR = 24;
/** Drawn no more often. */
const DRAW_MS = 100;

interface Line {
  readonly meter: RateMeter;
  progress: UpdateProgress | undefined;
  /** How it ended. */
  end: string | undefined;
}

export class Progress {
  private readonly lines = new Map<string, Line>();
  private drawn = 0;
  private drawnAt = -Infinity;

  constructor(
    names: readonly string[],
    private readonly environment: Pick<Environment, 'terminal' | 'complain'>,
    private readonly isQuiet: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    for (const name of names)
      this.lines.set(name, { meter: new RateMeter(), progress: undefined, end: undefined });
  }

  update(name: string, progress: UpdateProgress): void {
    const line = this.lines.get(name);
    if (line === undefined) return;
    const isNew = line.progress?.phase !== progress.phase;
    line.progress = progress;
    if (progress.offset !== undefined) line.meter.measured(this.now(), progress.offset);
    if (this.isQuiet) return;
    if (this.environment.terminal !== undefined) this.draw(isNew);
    else if (isNew) this.environment.complain(`${name}: ${progress.phase}`);
  }

  end(name: string, how: string): void {
    const line = this.lines.get(name);
    if (line !== undefined) line.end = how;
    if (!this.isQuiet && this.environment.terminal !== undefined) this.draw(true);
  }

  /** Leaves the terminal to others. */
  clear(): void {
    const { terminal } = this.environment;
    if (this.drawn > 0) terminal?.write(`\u001B[${this.drawn}A\u001B[0J`);
    this.drawn = 0;
  }

  private draw(isUrgent: boolean): void {
    const { terminal } = this.environment;
    const now = this.now();
    if (terminal === undefined || (!isUrgent && now - this.drawnAt < DRAW_MS)) return;
    this.drawnAt = now;
    const width = terminal.columns() || 80;
    const text = [...this.lines].map(([name, line]) => `${describe(name, line).slice(0, width - 1)}\n`);
    const up = this.drawn > 0 ? `\u001B[${this.drawn}A` : '';
    terminal.write(`${up}${text.map((line) => `\u001B[2K${line}`).join('')}`);
    this.drawn = text.length;
  }
}

/** One line about one device. */
export function describe(name: string, { progress, end, meter }: Line): string {
  if (end !== undefined) return `${name}  ${end}`;
  if (progress === undefined) return `${name}  …`;
  const { phase, offset, total } = progress;
  if (offset === undefined || total === undefined) return `${name}  ${phase}`;
  const share = total === 0 ? 1 : offset / total;
  const full = Math.round(share * BAR);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
  const rate = meter.bytesPerSecond;
  const left = meter.timeLeft(offset, total);
  const speed = rate === undefined ? '' : `  ${(rate / 1_000).toFixed(1)} kB/s`;
  const rest = left === undefined ? '' : `  ${clock(left)} left`;
  return `${name}  ${bar} ${String(Math.floor(share * 100)).padStart(3)} %${speed}${rest}`;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
