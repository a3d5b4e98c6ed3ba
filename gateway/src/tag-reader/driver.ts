/** What each kind of commodity reader says, read off its line. */
import {
  LineDecoder,
  Pn532Session,
  Rdm6300Decoder,
  readTagPrefix,
  type TagHandlers,
  type TagReaderError,
  type Timers,
} from '@timeband/protocol';
import type { TagReaderConfig } from '../config/index.js';

export interface Driver {
  /** Bytes that were no part of anything it should say. */
  readonly discarded: number;
  readonly push: (chunk: Uint8Array) => void;
  readonly start?: () => void;
  readonly stop?: () => void;
}

export interface DriverOptions extends TagHandlers {
  readonly timers: Timers;
  readonly write: (bytes: Uint8Array) => void;
  /** A reader that is asked has answered; with its name. */
  readonly ready: (name: string) => void;
  /** A reader that is asked answers no more. */
  readonly lost: (error: TagReaderError) => void;
}

export function openDriver({ kind, form, prefix }: TagReaderConfig, options: DriverOptions): Driver {
  switch (kind) {
    case 'rdm6300':
      return new Rdm6300Decoder(options);
    case 'wedge': {
      const { timers } = options;
      return new LineDecoder(
        { form, timers, prefix: prefix === undefined ? undefined : readTagPrefix(prefix) },
        options,
      );
    }
    case 'pn532':
      return new Pn532Session(options);
  }
}
