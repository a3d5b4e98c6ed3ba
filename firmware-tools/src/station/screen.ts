/** How the bench looks: one line a device and a count, redrawn in place on a terminal, a line for each change elsewhere. */
import type { Place } from './station.js';

const BELL = '\u0007';
const CLEAR = '\u001b[0J';
const DIM = '\u001b[2m';
const GREEN = '\u001b[32m';
const YELLOW = '\u001b[33m';
const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';

export interface ScreenOptions {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  /** Devices that are expected; the count says "3 of 16" then. */
  readonly expected?: number | undefined;
  readonly columns?: () => number;
}

export class Screen {
  private readonly places = new Map<string, Place>();
  private readonly done = new Set<string>();
  private drawn = 0;

  constructor(private readonly options: ScreenOptions) {}

  changed(place: Place): void {
    const before = this.places.get(place.port);
    this.places.set(place.port, place);
    const isQuiet = place.state === 'working' && (place.step === 'asked' || place.step === 'done');
    const isNew = place.state === 'done' && !this.done.has(place.serial);
    if (isNew) this.done.add(place.serial);
    if (this.options.isTerminal) this.redraw(isNew ? BELL : '');
    else if (!isQuiet && lineOf(place) !== (before && lineOf(before))) {
      this.options.write(`${lineOf(place)}${isNew ? `  (${this.count})` : ''}\n`);
    }
  }

  /** What was shown there is shown elsewhere from now on. */
  left(place: Place): void {
    this.places.delete(place.port);
    if (this.options.isTerminal) this.redraw('');
  }

  private get count(): string {
    const { expected } = this.options;
    return `${this.done.size}${expected === undefined ? '' : ` of ${expected}`} done`;
  }

  private redraw(bell: string): void {
    const { write, columns = () => 80 } = this.options;
    const width = columns() - 1;
    const lines = [...this.places.values()].map((place) => {
      const line = lineOf(place);
      const cut = line.length > width ? `${line.slice(0, width - 1)}…` : line;
      return `${colourOf(place)}${cut}${PLAIN}`;
    });
    const up = this.drawn === 0 ? '' : `\u001b[${this.drawn}A`;
    write(
      `${up}\r${CLEAR}${lines.map((line) => `${line}\n`).join('')}${this.count}. Ctrl-C ends the batch.\n${bell}`,
    );
    this.drawn = lines.length + 1;
  }
}

function lineOf(place: Place): string {
  const port = place.port.slice(-24).padEnd(24);
  switch (place.state) {
    case 'listening':
      return `${port} ${'…'.padEnd(16)} ${place.why ?? 'listening'}`;
    case 'working':
      return `${port} ${place.serial.padEnd(16)} ${WORDS[place.step] ?? place.step}`;
    case 'interrupted':
      return `${port} ${place.serial.padEnd(16)} interrupted, goes on when it is back: ${place.why}`;
    case 'refused':
      return `${port} ${place.serial.padEnd(16)} REFUSED: ${place.why}`;
    case 'done': {
      const { device, account, already } = place.made;
      const whose = account === undefined ? '' : ` for ${account}`;
      return `${port} ${place.serial.padEnd(16)} ${already ? 'was already' : 'is'} ${device}${whose}`;
    }
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ...{ asked: 'answers', 'make key': 'makes its key', prove: 'proves its key' },
  ...{ grant: 'took its certificate', confirm: 'is entered in the register', done: 'done' },
};

function colourOf({ state }: Place): string {
  return { listening: DIM, working: '', interrupted: YELLOW, refused: RED, done: GREEN }[state];
}
