/**
 * Brings an image onto a device and makes sure that it runs: check, send, try, restart, look whether it is well, keep. Every
 * step begins with asking the device what is there, so that it goes on after any break, from wherever the device is.
 */
import {
  call,
  COMMAND,
  demandsSession,
  type ImageState,
  imageStateRequest,
  isBreak,
  LinkError,
  readImageStates,
  resetRequest,
  SESSION_OVERHEAD_BYTES,
  setImageState,
  SmpError,
  systemTimers,
  type Timers,
  uploadImage,
} from '@timeband/protocol';
import { formatVersion, type Image } from '../image/index.js';
import {
  isUnsupported,
  type OpenDevice,
  openDevice,
  type OpenOptions,
  type Target,
} from '../target/index.js';
import { askBootloader, checkImage, type CheckOptions } from './check.js';
import { UpdateError } from './errors.js';
import { nextStep, type Step } from './plan.js';

export type UpdatePhase =
  'connecting' | 'checking' | 'uploading' | 'restarting' | 'examining' | 'going back' | 'waiting';

export interface UpdateProgress {
  readonly phase: UpdatePhase;
  /** Bytes that the device has, of so many. */
  readonly offset?: number;
  readonly total?: number;
}

export interface UpdateOptions
  extends CheckOptions, Pick<OpenOptions, 'technician' | 'timers' | 'timeoutMs'> {
  readonly progress?: ((progress: UpdateProgress) => void) | undefined;
  /** Milliseconds to wait for a device that is gone: restarting, or pulled out. */
  readonly patienceMs?: number | undefined;
  /** How often the new image is tried: a power cut during a trial looks like one that failed. */
  readonly trials?: number | undefined;
  /** Requests under way at once; what the device's buffers allow without. */
  readonly window?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UpdateReport {
  readonly target: string;
  /** Its id, where the firmware is ours. */
  readonly device: string | undefined;
  /** `already`: it ran this image before. */
  readonly outcome: 'updated' | 'already';
  readonly from: string | undefined;
  readonly to: string;
  /** Bytes of the image. */
  readonly bytes: number;
  /** Times that the link or the power was lost and the update went on. */
  readonly breaks: number;
  /** What could not be checked beforehand. */
  readonly notes: readonly string[];
}

const PATIENCE_MS = 120_000;
const TRIALS = 3;
const RETRY_MS = 250;
/** Refused restarts, or a device that forgets: something is wrong beyond repeating. */
const MAX_ROUNDS = 40;
/** Length and CRC around a packet, which serial servers take out of the same buffer. */
const FRAME_BYTES = 4;

/**
 * @param image without padding and trailer
 * @throws UpdateError; TargetError, SessionError, ImageError; SmpError `smp/device` where the device refuses a step
 */
export function updateDevice(
  target: Target,
  image: Image,
  options: UpdateOptions = {},
): Promise<UpdateReport> {
  return new Update(target, image, options).run();
}

/** What a round of asking and doing came to. */
type Round = 'again' | 'reconnect' | 'done';

class Update {
  private readonly timers: Timers;
  private notes: readonly string[] | undefined;
  /** Of the first device that was met under this name. */
  private device: string | undefined;
  private from: string | undefined;
  private wasThere = false;
  private breaks = 0;
  private trials = 0;
  private leaves = 0;
  private settles = 0;
  private illnesses = 0;
  private denials = 0;
  private isRejected = false;
  /** All of it was sent by us: what stands in the slot is not what a power cut left of it. */
  private hasSent = false;
  private hasChanged = false;

  constructor(
    private readonly target: Target,
    private readonly image: Image,
    private readonly options: UpdateOptions,
  ) {
    this.timers = options.timers ?? systemTimers;
  }

  async run(): Promise<UpdateReport> {
    for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
      const device = await this.reach();
      const stop = (): void => void device.close();
      this.options.signal?.addEventListener('abort', stop);
      try {
        if (await this.proceed(device)) return this.report();
      } catch (error) {
        this.throwIfInterrupted();
        if (!this.isPassing(error, device)) throw error;
        this.breaks++;
      } finally {
        this.options.signal?.removeEventListener('abort', stop);
        await device.close();
      }
    }
    throw new UpdateError(
      'update/lost',
      `${this.target.name}: its link does not hold long enough to get anywhere`,
    );
  }

  private report(): UpdateReport {
    return {
      ...{ target: this.target.name, device: this.device, from: this.from },
      outcome: this.hasChanged ? 'updated' : 'already',
      to: formatVersion(this.image.header.version),
      bytes: this.image.bytes.length,
      breaks: this.breaks,
      notes: this.notes ?? [],
    };
  }

  /** Opens the device, and waits for it while it is gone. */
  private async reach(): Promise<OpenDevice> {
    const { timers, target, options } = this;
    const { patienceMs = PATIENCE_MS } = options;
    const until = timers.now() + patienceMs;
    for (;;) {
      this.throwIfInterrupted();
      this.tell({ phase: this.wasThere ? 'waiting' : 'connecting' });
      try {
        const device = await openDevice(target, { ...options, evenIfIll: true });
        this.wasThere = true;
        return device;
      } catch (error) {
        this.wasThere ||= error instanceof LinkError && error.code === 'link/closed';
        // Who was never there will not come back.
        if (!isBreak(error) || !this.wasThere) throw error;
        if (timers.now() >= until)
          throw new UpdateError(
            'update/lost',
            `${target.name} has not come back within ${Math.round(patienceMs / 1_000)} s. Take its power away and give it back: it starts the image that works`,
            { cause: error },
          );
        await this.pause(RETRY_MS);
      }
    }
  }

  private async proceed(device: OpenDevice): Promise<boolean> {
    for (;;) {
      this.throwIfInterrupted();
      this.recognize(device);
      const states = await this.askStates(device);
      this.denials = 0;
      const facts = await askBootloader(device.client);
      const isBootloader =
        device.identity === undefined && device.illness === undefined && facts.name === undefined;
      if (this.notes === undefined) {
        this.tell({ phase: 'checking' });
        this.from = states.find(({ active }) => active)?.version;
        if (device.illness !== undefined) throw device.illness;
        this.notes = checkImage(this.image, device.identity, facts, states, this.options);
      }
      const wanted = { hash: this.image.digest, version: formatVersion(this.image.header.version) };
      const round = await this.take(nextStep(states, wanted, isBootloader), device);
      if (round === 'done') return true;
      if (round === 'reconnect') return false;
    }
  }

  private async take(step: Step, device: OpenDevice): Promise<Round> {
    switch (step) {
      case 'done':
        if (!this.hasChanged && device.illness !== undefined) throw device.illness;
        return 'done';
      case 'confirm':
        return this.confirm(device);
      case 'restart':
        return this.restart(device);
      case 'try':
        return this.tryOut(device);
      case 'upload':
        return this.upload(device);
      case 'settle':
        if (++this.settles > 2)
          throw new UpdateError(
            'update/occupied',
            `${this.target.name} holds another image on trial, and a restart does not decide about it`,
          );
        return this.restart(device);
      case 'leave':
        if (this.leaves > 0 && !this.hasSent) return this.upload(device);
        if (++this.leaves > TRIALS)
          throw new UpdateError(
            'update/not-taken',
            `the bootloader of ${this.target.name} has the image and does not start it: wrong key, hardware or security counter?`,
          );
        return this.restart(device);
    }
  }

  private async upload(device: OpenDevice): Promise<Round> {
    if (this.isRejected) throw this.reverted();
    const { bytes } = this.image;
    const { parameters, client, peer, target } = device;
    const packetBytes =
      parameters.bufferBytes -
      (target.transport === 'serial' ? FRAME_BYTES : 0) -
      (peer === undefined ? 0 : SESSION_OVERHEAD_BYTES);
    // A server takes its answers out of the same buffers.
    const window = this.options.window ?? Math.max(1, parameters.bufferCount - 1);
    this.hasChanged = true;
    this.tell({ phase: 'uploading', offset: 0, total: bytes.length });
    const { complete, match } = await uploadImage(client, bytes, {
      ...{ packetBytes, window },
      progress: (offset) => {
        this.tell({ phase: 'uploading', offset, total: bytes.length });
      },
    });
    if (match === false)
      throw new UpdateError(
        'update/damaged',
        `what arrived on ${target.name} is not what was sent. Try again`,
      );
    this.hasSent = complete;
    return 'again';
  }

  private async tryOut(device: OpenDevice): Promise<Round> {
    // Its hash says nothing about the signature behind it.
    if (this.trials > 0 && !this.hasSent && !this.isRejected) return this.upload(device);
    if (this.isRejected || this.trials >= (this.options.trials ?? TRIALS)) throw this.reverted();
    this.trials++;
    this.hasChanged = true;
    await device.client.request(setImageState(this.image.digest, false));
    return this.restart(device);
  }

  private async restart(device: OpenDevice, phase: UpdatePhase = 'restarting'): Promise<Round> {
    this.tell({ phase });
    await device.client.request(resetRequest).catch((error: unknown) => {
      // It was quicker than its answer.
      if (!isBreak(error)) throw error;
    });
    await device.close();
    await this.pause(RETRY_MS);
    return 'reconnect';
  }

  /** The new image runs, and it is the last moment to find out that it should not. */
  private async confirm(device: OpenDevice): Promise<Round> {
    this.tell({ phase: 'examining' });
    const illness = this.isRejected ? undefined : await this.examine(device);
    if (illness !== undefined || this.isRejected) {
      // Once may be a lost answer.
      if (!this.isRejected && ++this.illnesses < 2) return 'reconnect';
      this.isRejected = true;
      return this.restart(device, 'going back');
    }
    this.hasChanged = true;
    await device.client.request(setImageState(undefined, true));
    return 'again';
  }

  /** Whether it is the same device as before, and answers for its log. */
  private async examine({ client, identity, illness }: OpenDevice): Promise<Error | undefined> {
    if (illness !== undefined) return illness;
    if (identity === undefined)
      return this.device === undefined
        ? undefined
        : new UpdateError('update/reverted', 'it does not say who it is');
    try {
      await call(client, COMMAND.status, { seen: identity.acked });
      await call(client, COMMAND.certificate, undefined);
      return undefined;
    } catch (error) {
      if (error instanceof SmpError && error.code !== 'smp/timeout') return error;
      throw error;
    }
  }

  private reverted(): UpdateError {
    return new UpdateError(
      'update/reverted',
      `the new image did not come up healthy on ${this.target.name}, which runs ${this.from ?? 'the image before'} again`,
    );
  }

  /** @throws UpdateError `update/other-device` */
  private recognize({ identity }: OpenDevice): void {
    if (identity === undefined) return;
    this.device ??= identity.device;
    if (this.device !== identity.device)
      throw new UpdateError(
        'update/other-device',
        `${this.target.name} was ${this.device} and is ${identity.device} now`,
      );
  }

  private async askStates({ client, target }: OpenDevice): Promise<ImageState[]> {
    try {
      return readImageStates(await client.request(imageStateRequest));
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      throw new UpdateError(
        'update/unsupported',
        `${target.name} has no image group: its firmware cannot be replaced over this link`,
      );
    }
  }

  /** Whether an error is one of those after which the same device can be asked again. */
  private isPassing(error: unknown, { peer }: OpenDevice): boolean {
    if (isBreak(error)) return true;
    // A device that started anew has forgotten the session; one that refuses a new one's first question means it.
    return peer !== undefined && demandsSession(error) && ++this.denials < 2;
  }

  private throwIfInterrupted(): void {
    if (this.options.signal?.aborted === true) throw new UpdateError('update/interrupted', 'interrupted');
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.options;
      const end = (): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.timers.after(ms, end);
      signal?.addEventListener('abort', end);
    });
  }

  private tell(progress: UpdateProgress): void {
    this.options.progress?.(progress);
  }
}
