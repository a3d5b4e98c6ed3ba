/** The benchmark's end of the conversation with the process that holds the air. */
import { fileURLToPath } from 'node:url';
import { Child } from '@timeband/simulator';
import type { AirMessage, AirReport, AirSettings } from './conversation.js';

const PROGRAM = fileURLToPath(new URL('./air-process.js', import.meta.url));

type Said<Event extends AirMessage['event']> = Extract<AirMessage, { readonly event: Event }>;

export class AirClient {
  private readonly child: Child;
  private readonly readied: Promise<Said<'ready'>>;

  constructor(settings: AirSettings) {
    this.child = new Child('the air', [PROGRAM, JSON.stringify(settings)]);
    this.readied = this.next('ready');
    this.readied.catch(() => undefined); // whoever waits for it is told
  }

  /** Everybody is switched on, and the controller can be opened. */
  ready(): Promise<{ readonly setUpSeconds: number }> {
    return this.readied;
  }

  onDurable(listener: (message: Said<'durable'>) => void): void {
    this.child.onMessage((message) => {
      const said = message as AirMessage;
      if (said.event === 'durable') listener(said);
    });
  }

  /** The crowd comes into range. */
  arrive(): Promise<{ readonly at: number }> {
    return this.ask('arrive', 'arrived');
  }

  report(): Promise<AirReport> {
    return this.ask('report', 'report');
  }

  /** The wearer of a band calls for help. */
  help(band: number): Promise<Said<'logged'>> {
    return this.ask(`help ${band}`, 'logged');
  }

  /** A band logs a punch. */
  punch(band: number): Promise<Said<'logged'>> {
    return this.ask(`punch ${band}`, 'logged');
  }

  /** What comes of the next record of this band that is acknowledged. */
  async durable(device: string, seq: number): Promise<Said<'durable'>> {
    return this.next('durable', (said) => said.device === device && said.upto >= seq);
  }

  close(): Promise<void> {
    return this.child.end();
  }

  private ask<Event extends AirMessage['event']>(command: string, answer: Event): Promise<Said<Event>> {
    const answered = this.next(answer);
    this.child.tell(command);
    return answered;
  }

  private next<Event extends AirMessage['event']>(
    event: Event,
    accepts: (said: Said<Event>) => boolean = () => true,
  ): Promise<Said<Event>> {
    return this.child.expect((message) => {
      const said = message as AirMessage;
      return isOf(said, event) && accepts(said) ? said : undefined;
    });
  }
}

function isOf<Event extends AirMessage['event']>(said: AirMessage, event: Event): said is Said<Event> {
  return said.event === event;
}
