/** A centre whose gateway has a radio: the real processes, the air they share, and a subscriber that verifies. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { toHex } from '@timeband/protocol';
import { BandStock, type JsonObject } from '@timeband/simulator';
import { connectAsync, type MqttClient } from 'mqtt';
import { Centre, SITE, type VerifyingClient } from '../../support/centre.js';
import { cpuSeconds } from '../idle.js';
import { AirClient } from './air-client.js';
import type { AirSettings } from './conversation.js';
import { interruptible } from './interruptible.js';

const CONNECTIONS = 8;
const SEED = 'bench';
const LOOK_MS = 200;

export type Population = Pick<AirSettings, 'room' | 'crowd' | 'records' | 'lossRate' | 'cutEvery'>;

export class RadioSite {
  readonly stock = new BandStock({ seed: SEED, site: SITE });
  private readonly extraClients: MqttClient[] = [];

  private constructor(
    readonly centre: Centre,
    readonly air: AirClient,
  ) {}

  /**
   * Does `work` with a site whose radio is scanning and whose crowd has not come yet, and leaves nothing of it behind.
   * @throws Interrupted, and what `work` throws
   */
  static async use<Result>(
    population: Population,
    say: (line: string) => void,
    work: (site: RunningSite) => Promise<Result>,
  ): Promise<Result> {
    const making = RadioSite.make(population);
    return interruptible(
      async () => work(await (await making).start(population, say)),
      async () => (await making).close(),
    );
  }

  private static async make(population: Population): Promise<RadioSite> {
    const centre = await Centre.create();
    const { issuerKey } = centre;
    const link = linkOf(centre);
    const air = new AirClient({ ...population, link, issuerKey, site: SITE, seed: SEED });
    return new RadioSite(centre, air);
  }

  private async start({ room, crowd }: Population, say: (line: string) => void): Promise<RunningSite> {
    const { centre, stock, air } = this;
    say(`switching ${room + crowd} bands on`);
    const keys = join(dirname(centre.config), 'bands.json');
    const bands = Array.from({ length: room + crowd }, (_, number) => ({
      device: stock.id(number),
      irk: toHex(stock.irk(number)),
    }));
    writeFileSync(keys, JSON.stringify(bands), { mode: 0o600 });
    appendFileSync(
      centre.config,
      `radio:\n  path: ${linkOf(centre)}\n  bands: ${keys}\n  maxConnections: ${CONNECTIONS}\n`,
    );
    const { setUpSeconds } = await air.ready();
    say(`they are after ${setUpSeconds.toFixed(1)} s; starting the gateway`);
    const { child, port } = await centre.startGateway();
    const subscriber = await centre.subscribe();
    let radio: JsonObject;
    while ((radio = await this.radio())['state'] !== 'scanning') await pause(LOOK_MS);
    const listen = async (topic: string, heard: (payload: Buffer) => void): Promise<void> => {
      const account = { username: 'display', password: centre.password };
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: topic, ...account });
      this.extraClients.push(client);
      client.on('message', (_, payload) => {
        heard(payload);
      });
      await client.subscribeAsync(topic, { qos: 1 });
    };
    const radioPid = Number(radio['pid']);
    return {
      ...{ air, stock, subscriber, setUpSeconds, listen },
      radio: () => this.radio(),
      recordsStored: async () => Number(((await centre.status())['stored'] as JsonObject)['records']),
      complaints: () => complaintsIn(centre.gatewayLog()),
      cpuSeconds: () => ({ gateway: cpuSeconds(child.pid), radio: cpuSeconds(radioPid) }),
    };
  }

  private async radio(): Promise<JsonObject> {
    return (await this.centre.status())['radio'] as JsonObject;
  }

  private async close(): Promise<void> {
    await Promise.all(this.extraClients.map((client) => client.endAsync(true)));
    await this.centre.close();
    await this.air.close();
  }
}

const WARNING = 40;

function complaintsIn(log: readonly JsonObject[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { level, code, msg } of log) {
    if (Number(level) < WARNING) continue;
    const about = String(code ?? msg);
    counts.set(about, (counts.get(about) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

function linkOf({ dir }: Centre): string {
  return join(dir, 'radio');
}

export interface CpuSeconds {
  readonly gateway: number;
  readonly radio: number;
}

export interface RunningSite {
  readonly air: AirClient;
  readonly stock: BandStock;
  readonly subscriber: VerifyingClient;
  readonly setUpSeconds: number;
  /** What `status` says of the radio. */
  readonly radio: () => Promise<JsonObject>;
  readonly recordsStored: () => Promise<number>;
  /** Warnings and worse in the gateway's log, by what they are about. */
  readonly complaints: () => Readonly<Record<string, number>>;
  /** Of the gateway's process and its radio's, so far. */
  readonly cpuSeconds: () => CpuSeconds;
  /** Subscribes to one more topic. */
  readonly listen: (topic: string, heard: (payload: Buffer) => void) => Promise<void>;
}
