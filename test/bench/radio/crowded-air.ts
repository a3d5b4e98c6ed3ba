/** An air with a room of bands and a crowd that comes into range all at once, in real time behind a pseudo-terminal. */
import { readFileSync } from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { KIND, punchBody } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import {
  addWristband,
  type BandFault,
  BandStock,
  issue,
  type RadioBand,
  RadioSimulation,
  RealTime,
  TerminalPort,
  type Wristband,
} from '@timeband/simulator';
import {
  type AirCommand,
  type AirMessage,
  type AirReport,
  type AirSettings,
  machineNow,
} from './conversation.js';

/** Bands log what they come with within so many seconds, each at its own moment, as after it they all advertise at once. */
const LOGGED_WITHIN_SECONDS = 2;
/** They advertise a new record faster for ten seconds: those that come with old ones do not. */
const OLD_NEWS_SECONDS = LOGGED_WITHIN_SECONDS + 11;
/** A connection that is to be cut is cut at one of its first so many requests; a visit takes about that many. */
const CUT_WITHIN = 14;
const SERVICE = 201;
/** Connections are counted this often. */
const COUNT_MS = 20;

interface InAir {
  readonly inAir: RadioBand;
  readonly wristband: Wristband;
  /** It was told to log something: when it advertised that first, once it has. */
  told: { advertisedAt: number | undefined } | undefined;
}

export class CrowdedAir {
  private readonly simulation: RadioSimulation;
  private readonly realTime: RealTime;
  private readonly port: TerminalPort;
  private readonly bands: readonly InAir[];
  private readonly lag: IntervalHistogram;
  private hasArrived = false;
  private sessions = 0;
  private cuts = 0;
  private connectedMs = 0;

  /** Switches everybody on, which takes a while. @throws Error of the system: no key file, no terminal */
  constructor(
    private readonly settings: AirSettings,
    private readonly tell: (message: AirMessage) => void,
  ) {
    const began = performance.now();
    const { seed, site, link, lossRate, room, crowd } = settings;
    this.simulation = new RadioSimulation({ seed, lossRate });
    const stock = new BandStock({ seed, site });
    const issuerKey = readPrivateKeyPem(readFileSync(settings.issuerKey, 'utf8'));
    this.bands = Array.from({ length: room + crowd }, (_, number) =>
      this.switchOn(issue(stock, number, issuerKey), number >= room),
    );
    const { clock } = this.simulation;
    clock.advance(OLD_NEWS_SECONDS * 1_000);
    this.realTime = new RealTime(clock);
    this.port = new TerminalPort(clock, this.realTime, this.simulation.controller(), { link });
    this.lag = monitorEventLoopDelay({ resolution: 1 });
    this.lag.enable();
    this.countConnections();
    tell({ event: 'ready', setUpSeconds: (performance.now() - began) / 1_000 });
  }

  /** @throws RangeError when there is no such band */
  perform(command: AirCommand, number?: number): void {
    this.realTime.perform(() => {
      switch (command) {
        case 'arrive':
          this.hasArrived = true;
          this.tell({ event: 'arrived', at: machineNow() });
          break;
        case 'report':
          this.tell({ event: 'report', ...this.report() });
          break;
        case 'help':
          this.log(number, ({ wristband }) => {
            wristband.callForHelp();
          });
          break;
        case 'punch':
          this.log(number, ({ wristband }) => {
            punch(wristband, 0);
          });
          break;
      }
    });
  }

  close(): void {
    this.port.unplug();
    this.realTime.stop();
    this.lag.disable();
  }

  private switchOn(issued: ReturnType<typeof issue>, isOfCrowd: boolean): InAir {
    const { cutEvery, records } = this.settings;
    // Its clock is a little slow: to be set back would be worth a record.
    const wall = Math.floor(Date.now() / 1_000) - OLD_NEWS_SECONDS - 2;
    const { inAir, wristband } = addWristband(this.simulation, {
      ...{ ...issued, wall },
      observe: (event) => {
        if (event.event === 'acked') this.acknowledged(band, event.upto);
      },
    });
    const band: InAir = { inAir, wristband, told: undefined };
    inAir.misbehave({
      description: 'is out of range until it comes',
      create: () => ({
        onAdvert: () => {
          if (isOfCrowd && !this.hasArrived) return 'silent';
          if (band.told !== undefined) band.told.advertisedAt ??= machineNow();
          return undefined;
        },
      }),
    });
    if (cutEvery !== undefined) inAir.misbehave(this.cutting(cutEvery));
    // Being switched on was its first record.
    if (isOfCrowd) {
      this.simulation.clock.after(issued.random.next() * LOGGED_WITHIN_SECONDS * 1_000, () => {
        for (let i = 1; i < records; i++) punch(wristband, i);
      });
    }
    return band;
  }

  private cutting(every: number): BandFault {
    return {
      description: `one of ${every} connections is cut in the middle`,
      create: ({ band, random }) => {
        let left = Infinity;
        return {
          onSubscribed: () => {
            this.sessions++;
            left = this.sessions % every === 0 ? random.below(CUT_WITHIN) : Infinity;
            return undefined;
          },
          onPacket: () => {
            if (left-- !== 0) return undefined;
            this.cuts++;
            return band.disconnect;
          },
        };
      },
    };
  }

  private acknowledged(band: InAir, upto: number): void {
    const at = machineNow();
    const since = band.told?.advertisedAt;
    band.told = undefined;
    const { id: device } = band.wristband;
    this.tell({
      ...{ event: 'durable', device, upto, at },
      ...(since === undefined ? {} : { afterAdvertMs: at - since }),
    });
  }

  private log(number: number | undefined, act: (band: InAir) => void): void {
    const band = this.bands[number ?? NaN];
    if (band === undefined) throw new RangeError(`there is no band ${String(number)}`);
    const at = machineNow();
    band.told = { advertisedAt: undefined };
    act(band);
    const { id: device } = band.wristband;
    const { head: seq } = band.wristband.device.status(0);
    this.tell({ event: 'logged', device, seq, at });
  }

  private readonly countConnections = (): void => {
    this.connectedMs += this.port.controller.linkLayer.connections.size * COUNT_MS;
    this.simulation.clock.after(COUNT_MS, this.countConnections);
  };

  private report(): AirReport {
    const { share, counters } = this.port.controller.linkLayer;
    const sum = (of: (band: RadioBand) => number): number =>
      this.bands.reduce((total, { inAir }) => total + of(inAir), 0);
    return {
      ...{
        at: machineNow(),
        share,
        adverts: { ...counters },
        cuts: this.cuts,
        connectedMs: this.connectedMs,
      },
      connections: sum(({ counters: { connections } }) => connections),
      requests: sum(({ counters: { requests } }) => requests),
      lagMs: this.lag.percentile(99) / 1e6,
    };
  }
}

function punch(wristband: Wristband, nth: number): void {
  const uid = Uint8Array.of(4, 1, 2, 3, 4, 5, 6);
  const direction = nth % 2 === 0 ? 'out' : 'in';
  wristband.log(KIND.punch, punchBody({ direction, service: SERVICE, proof: { kind: 'uid', uid } }));
}
