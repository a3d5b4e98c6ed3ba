/**
 * A whole centre on the air, in virtual time: the gateway's steps over its radio, noble as it ships, and wristbands of
 * the site around it.
 */
import type { Visit } from '@timeband/gateway';
import type { BandKey } from '@timeband/radio';
import {
  addWristband,
  BandStock,
  EventClock,
  issue,
  type RadioBand,
  type Wristband,
  type WristbandEvent,
  type WristbandOptions,
} from '@timeband/simulator';
import { Box, type BoxOptions, START } from './box.js';
import { SITE } from './centre.js';
import { RadioRoom, type RoomOptions } from './radio-room.js';

/** A resident with a band on the wrist. */
export interface Resident {
  readonly id: string;
  /** By which gateways of the site recognise the band. */
  readonly key: BandKey;
  readonly band: Wristband;
  readonly inAir: RadioBand;
  /** What the band did, and let its wearer feel. */
  readonly events: WristbandEvent[];
}

export interface RadioBoxOptions {
  /** Its own unless given. */
  readonly clock?: EventClock;
  readonly box?: Omit<BoxOptions, 'timers'>;
  readonly room?: Omit<RoomOptions, 'visited'>;
  /** Another gateway of the same site, within range of the same bands. */
  readonly beside?: RadioBox;
  /** What a press near the gateway is for. */
  readonly service?: number;
}

export class RadioBox {
  readonly box: Box;
  readonly room: RadioRoom;
  readonly stock = new BandStock({ seed: 'radio-box', site: SITE });
  private readonly residents: Resident[] = [];

  constructor(private readonly options: RadioBoxOptions = {}) {
    const { clock = options.beside?.room.clock ?? new EventClock(START * 1_000), beside } = options;
    const issuerKey = beside && { issuerKey: beside.box.issuerKey };
    this.box = new Box({ ...options.box, ...issuerKey, timers: clock });
    this.room = new RadioRoom({
      ...options.room,
      simulation: { ...options.room?.simulation, clock },
      ...(beside && { air: beside.room.simulation }),
      visited: (visit) => {
        this.visit(visit);
      },
    });
    for (const resident of beside?.residents ?? []) this.room.know(resident.key);
  }

  /** Somebody comes, with the next band of the stock; before the radio is started. */
  add(options: Partial<WristbandOptions> = {}, place: Parameters<typeof addWristband>[2] = {}): Resident {
    const number = this.residents.length;
    const issued = { ...issue(this.stock, number, this.box.issuerKey), ...options };
    const events: WristbandEvent[] = [];
    const observe = (event: WristbandEvent): number => events.push(event);
    const { inAir, wristband } = addWristband(this.room.simulation, { ...issued, observe }, place);
    const key = { device: issued.id, irk: issued.irk };
    this.room.know(key);
    const resident = { id: issued.id, key, band: wristband, inAir, events };
    this.residents.push(resident);
    return resident;
  }

  start(): void {
    this.room.start();
  }

  /** Moves time on until something is so. */
  until(isSo: () => boolean, withinSeconds: number): Promise<void> {
    return this.room.until(isSo, withinSeconds);
  }

  pass(seconds: number): Promise<void> {
    return this.room.pass(seconds);
  }

  async close(): Promise<void> {
    await this.room.close();
    await this.box.close();
  }

  private visit(visit: Visit): void {
    const { service } = this.options;
    this.box.follow(visit, {
      visit: {
        settled: () => {
          visit.conclude('done');
        },
        isPressed: visit.sighting.state?.pressed ?? false,
        isCrowded: visit.isCrowded,
      },
      buttonPunches: service === undefined ? undefined : { service, log: this.box.ownLog },
    });
  }
}
