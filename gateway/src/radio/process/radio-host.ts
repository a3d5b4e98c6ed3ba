/** The radio process's end of the conversation: it runs the radio as it is told, and tells what happens. */
import type { Timers } from '@timeband/protocol';
import { type HciMonitor, type HciPort, type PortChoice, RadioCounters } from '@timeband/radio';
import { Radio, type RadioState } from '../radio.js';
import type { Sighting } from '../sightings.js';
import type { Visit } from '../visit.js';
import {
  BEAT_MS,
  type FromRadio,
  type HeardBand,
  MAX_SIGHTINGS,
  type StartMessage,
  type ToRadio,
} from './messages.js';

export interface RadioHostOptions {
  readonly timers: Timers;
  readonly openPort: (choice: PortChoice) => HciPort;
  readonly openMonitor: (file: string) => HciMonitor;
  readonly send: (message: FromRadio) => void;
  /** Everything is closed. */
  readonly stopped: () => void;
}

/** Sightings are told this often; help at once. */
const SIGHTINGS_MS = 250;
/** Who is in range is told this often, in beats, even when they have nothing new to say. */
const BEATS_PER_ROLL_CALL = 20;

export class RadioHost {
  private readonly counters = new RadioCounters();
  private readonly visits = new Map<number, Visit>();
  private readonly heard = new Map<string, HeardBand>();
  private radio: Radio | undefined;
  private lastLink = 0;
  private beats = 0;
  private cancelBeat: () => void = () => undefined;
  private cancelSightings: (() => void) | undefined;

  constructor(private readonly options: RadioHostOptions) {}

  receive(message: ToRadio): void {
    switch (message.type) {
      case 'start':
        this.start(message);
        break;
      case 'packet':
        this.forward(message.link, message.bytes);
        break;
      case 'close': {
        const visit = this.visits.get(message.link);
        visit?.conclude(message.outcome);
        void visit?.close();
        break;
      }
      case 'stop':
        void this.stop();
        break;
    }
  }

  private start({ port, maxConnections, bands, snoop }: StartMessage): void {
    if (this.radio !== undefined) return;
    const { timers, openPort, openMonitor } = this.options;
    this.radio = new Radio({
      ...{ bands, maxConnections, timers, counters: this.counters },
      port: () => openPort(port),
      monitor: snoop === undefined ? undefined : openMonitor(snoop),
      changed: (state) => {
        this.tellState(state);
      },
      sighted: (sighting) => {
        this.hear(sighting);
      },
      visited: (visit) => {
        this.open(visit);
      },
    });
    this.radio.start();
    this.beat();
  }

  private async stop(): Promise<void> {
    this.cancelBeat();
    this.cancelSightings?.();
    await this.radio?.close();
    this.options.stopped();
  }

  private readonly beat = (): void => {
    this.options.send({ type: 'beat', counters: this.counters.toJSON() });
    if (++this.beats % BEATS_PER_ROLL_CALL === 0) this.radio?.present().forEach(this.hear);
    this.cancelBeat = this.options.timers.after(BEAT_MS, this.beat);
  };

  private tellState(state: RadioState): void {
    if (state.state !== 'down') this.options.send({ type: 'state', state: state.state });
    else {
      const { code, message, remedy } = state.failure;
      this.options.send({ type: 'down', code, message: shorten(message), remedy: shorten(remedy) });
    }
  }

  /** Bounded by the number of the site's bands; strangers are only counted. */
  private readonly hear = ({ device, state, rssi }: Sighting): void => {
    if (device === undefined || state === undefined) return;
    const { help, full, battery, waiting } = state;
    this.heard.set(device, { device, help, full, battery, waiting, rssi });
    if (help || this.heard.size >= MAX_SIGHTINGS) this.tellSightings();
    else this.cancelSightings ??= this.options.timers.after(SIGHTINGS_MS, this.tellSightings);
  };

  private readonly tellSightings = (): void => {
    this.cancelSightings?.();
    this.cancelSightings = undefined;
    this.options.send({ type: 'sightings', bands: [...this.heard.values()] });
    this.heard.clear();
  };

  private open(visit: Visit): void {
    const link = ++this.lastLink;
    const { send } = this.options;
    this.visits.set(link, visit);
    const { device, state } = visit.sighting;
    const pressed = state?.pressed ?? false;
    send({
      type: 'opened',
      link,
      pressed,
      crowded: visit.isCrowded,
      ...(device === undefined ? {} : { device }),
    });
    visit.start({
      packet: (bytes) => {
        send({ type: 'packet', link, bytes });
      },
      fault: ({ code, message }) => {
        if (code === 'frame/overlong' || code === 'frame/truncated' || code === 'smp/unmatched')
          send({ type: 'fault', link, code, message: shorten(message) });
      },
      closed: (reason) => {
        this.visits.delete(link);
        send({ type: 'closed', link, ...(reason === undefined ? {} : { reason: shorten(reason.message) }) });
      },
    });
  }

  private forward(link: number, bytes: Uint8Array): void {
    try {
      this.visits.get(link)?.send(bytes);
    } catch {
      // It has just been closed, and the gateway is about to be told.
    }
  }
}

const MAX_TEXT = 500;

function shorten(text: string): string {
  return text.slice(0, MAX_TEXT);
}
