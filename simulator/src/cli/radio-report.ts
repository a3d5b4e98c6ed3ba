/** What `bandsim radio` prints of its bands: lines for people, or one JSON object a line for programs. */
import { eventTypeOf } from '@timeband/protocol';
import type { RadioReport } from '../room/session.js';
import type { BandEvent } from '../room/witness.js';
import { deviceSentence } from './report.js';

export interface PrintingReport extends RadioReport {
  /** What a command said. */
  readonly put: (message: object | string) => void;
}

export function jsonRadioReport(write: (line: string) => void): PrintingReport {
  const put = (message: object | string): void => {
    write(JSON.stringify(typeof message === 'string' ? { event: 'note', message } : message));
  };
  return {
    put,
    ready: (path, bands) => {
      put({ event: 'ready', path, bands, pid: process.pid });
    },
    band: (band, event, at) => {
      put({ ...toObject(event), band, at: Math.round(at) });
    },
    stopped: () => {
      put({ event: 'stopped' });
    },
  };
}

export function plainRadioReport(write: (line: string) => void): PrintingReport {
  return {
    put: (message) => {
      write(typeof message === 'string' ? message : JSON.stringify(message));
    },
    ready: (path, bands) => {
      write(`${path} ${bands} bands`);
    },
    band: (band, event) => {
      write(`${band} ${sentence(event)}`);
    },
    stopped: () => {
      write('everybody is back, and nobody does anything more by themselves');
    },
  };
}

function toObject(event: BandEvent): object {
  if (event.event === 'logged') return { ...event, kind: eventTypeOf(event.kind) };
  if (event.event === 'visit') return { event: 'visit', ...event.outcome };
  return event;
}

function sentence(event: BandEvent): string {
  if (event.event === 'state') return `is ${event.state}`;
  if (event.event === 'vibrated') return `vibrates: ${event.pattern}`;
  if (event.event !== 'visit') return deviceSentence(event);
  const { outcome } = event;
  return outcome.outcome === 'failed'
    ? `failed to visit: ${outcome.because}`
    : `visits ${outcome.peer}: ${outcome.outcome}`;
}
