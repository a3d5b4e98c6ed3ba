/** What `bandsim reader` prints: lines for people, or one JSON object a line for programs. */
import { type Because, eventTypeOf } from '@timeband/protocol';
import type { DeviceEvent } from '../firmware/device-event.js';

export interface Report {
  readonly ready: (device: string, path: string) => void;
  readonly event: (event: DeviceEvent) => void;
  /** Where the reader is plugged in now; undefined after unplugging. */
  readonly port: (path: string | undefined) => void;
  readonly status: (status: object) => void;
  readonly note: (message: string) => void;
  readonly summary: (logged: number, acked: number) => void;
}

const REFUSED = {
  full: 'the flash is full of records that are waiting, or of an activity that is open',
  capacity: 'the activity is full',
  nameless: 'this tag does not say whose it is, and cannot be at an activity',
  long: 'the activity has gone on for too long, close it',
} as const;

const BECAUSE_OF: Readonly<Record<Because, string>> = {
  proof: 'its proof does not hold',
  unknown: 'nobody knows this band',
  again: 'there is one already',
  nothing: 'there is nothing to give out',
  tooFew: 'there are not so many minutes',
};

/** Unix milliseconds to a tenth, of a moment on `performance`'s clock. */
function unixMs(at: number): number {
  return Math.round((performance.timeOrigin + at) * 10) / 10;
}

export function jsonReport(write: (line: string) => void): Report {
  const put = (object: object): void => {
    write(JSON.stringify(object));
  };
  return {
    ready: (device, path) => {
      put({ event: 'ready', path, device, pid: process.pid });
    },
    event: (event) => {
      put(
        event.event === 'logged' ? { ...event, kind: eventTypeOf(event.kind), at: unixMs(event.at) } : event,
      );
    },
    port: (path) => {
      put(path === undefined ? { event: 'unplugged' } : { event: 'plugged', path });
    },
    status: put,
    note: (message) => {
      put({ event: 'note', message });
    },
    summary: (logged, acked) => {
      put({ event: 'summary', logged, acked });
    },
  };
}

export function plainReport(write: (line: string) => void): Report {
  return {
    ready: (device, path) => {
      write(`${device} ${path}`);
    },
    event: (event) => {
      write(deviceSentence(event));
    },
    port: (path) => {
      write(path === undefined ? 'unplugged' : `plugged in at ${path}`);
    },
    status: (status) => {
      write(JSON.stringify(status));
    },
    note: write,
    summary: (logged, acked) => {
      write(`${logged} records logged, ${acked} acknowledged`);
    },
  };
}

/** What a device did, for people. */
export function deviceSentence(event: DeviceEvent): string {
  switch (event.event) {
    case 'logged':
      return `logged ${event.seq}: ${eventTypeOf(event.kind)}`;
    case 'feedback': {
      const minutes = event.minutes === undefined ? '' : `, ${event.minutes} minutes`;
      const balance = event.balance === undefined ? '' : `, balance ${event.balance}`;
      const after = event.afterMs === undefined ? '' : ` (after ${event.afterMs.toFixed(0)} ms)`;
      const because = event.because === undefined ? '' : `, ${BECAUSE_OF[event.because]}`;
      return `shows for ${event.seq}: ${event.outcome}${because}${minutes}${balance}${after}`;
    }
    case 'acked':
      return `acknowledged up to ${event.upto}`;
    case 'refused':
      return `refused a tap: ${REFUSED[event.reason]}`;
    case 'activity': {
      const { phase, service, organiser, attended, capacity, seq } = event;
      const what = seq === undefined ? 'is still open' : phase;
      return `activity ${service} of ${organiser} ${what}: ${attended} of ${capacity} are there`;
    }
    case 'epoch':
      return `began epoch ${event.epoch}: records from ${event.lostFrom} on were lost`;
  }
}
