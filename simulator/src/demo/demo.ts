/** A whole simulated centre: a gateway, readers, bands on the radio, and a display that verifies what it is shown. */
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIssuerCertificate } from '@timeband/protocol';
import { Child, type JsonObject, runJson } from '../programs/child.js';
import { Devices } from './devices.js';
import { accountLines, readAccounts } from './accounts.js';
import { eventLine, HEADINGS, helpLine } from './lines.js';
import { serveLunch } from './lunch.js';
import { bandsAt, GATEWAY, makeSite, type Site, SITE } from './site.js';
import { Subscriber } from './subscriber.js';

export interface DemoOptions {
  /** The gateway's program. */
  readonly gateway: string;
  /** This program, which the devices run. */
  readonly bandsim: string;
  /** Where to put everything; a new folder in the system's place for such things when left out. */
  readonly dir?: string | undefined;
  readonly readers: number;
  /** That are held to readers. */
  readonly bands: number;
  /** On the radio; 0 for a gateway without one. */
  readonly radioBands: number;
  /** Taps a minute at each reader. */
  readonly rate: number;
  /** Resolves when it is time to stop. */
  readonly stop: Promise<unknown>;
  readonly print: (line: string) => void;
}

/** Records, and the events of them. */
export interface DemoSummary {
  /** By readers, by bands, and by the gateway in its own log. */
  readonly logged: number;
  readonly stored: number;
  readonly published: number;
  readonly received: number;
  readonly verified: number;
  readonly duplicates: number;
  readonly lost: number;
  /** Minutes that are in the accounts of residents. */
  readonly minutes: number;
}

/** For the last records to be sealed and stored, and for their events to be delivered. */
const DRAIN_MS = 75_000;
const LOOK_MS = 50;

export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'timeband-'));
  mkdirSync(join(dir, 'readers'), { recursive: true });
  const children: Child[] = [];
  const killAll = (): void => {
    for (const child of children) child.kill();
  };
  process.once('exit', killAll);

  try {
    const setUp = { ...options, dir };
    const site = await makeSite(setUp);
    const gatewayLog = join(dir, 'gateway.log');
    const gateway = new Child('the gateway', [options.gateway, 'run', '--config', site.config], gatewayLog);
    children.push(gateway);
    const { port, readyMs } = await gateway.expect(readReady);

    const { print } = options;
    print(`Site       ${site.dir}`);
    print(`Gateway    MQTT on 127.0.0.1:${port}, ready in ${readyMs} ms, log in ${gatewayLog}`);
    print(`Account    ${site.user} (made for this run; ask for another: timeband-gateway user add --help)`);
    print(`Readers    ${site.readerDir} (${options.readers} of them, ${options.bands} bands)`);
    if (options.radioBands > 0) print(`Radio      ${site.radioLink} (${options.radioBands} wristbands)`);
    print(`Status     node ${options.gateway} status --config ${site.config}`);
    print('Stop       Ctrl-C');
    print('');
    print(HEADINGS);

    const subscriber = await showEvents(site, port, print);
    const devices = Array.from({ length: options.readers }, (_, i) => Devices.reader(i, setUp, site));
    if (options.radioBands > 0) devices.push(Devices.radio(setUp, site));
    children.push(...devices.map(({ child }) => child));

    const counter = devices[options.readers - 1];
    const { from, to } = bandsAt(options.readers - 1, options);
    const bands = Array.from({ length: Math.min(3, to + 1 - from) }, (_, i) => from + i);
    const lunch =
      options.readers > 1 && counter !== undefined
        ? serveLunch({ gateway: options.gateway, config: site.config, dir, counter, bands })
        : undefined;
    await Promise.race([
      Promise.all([options.stop, lunch]),
      ...children.map((child) => failWhenEnded(child)),
    ]);
    print('');
    print('Stopping: waiting for the last records to be sealed, stored and delivered.');
    const status = (): Promise<JsonObject> =>
      runJson([options.gateway, 'status', '--config', site.config, '--json']);
    const summary = await drain(devices, subscriber, status);
    await Promise.all(devices.map(({ child }) => child.end()));
    const accounts = await readAccounts(options.gateway, site.config);
    for (const line of accountLines(accounts)) print(line);
    await subscriber.end();
    await gateway.end();
    return { ...summary, minutes: accounts.reduce((sum, { minutes }) => sum + minutes, 0) };
  } finally {
    process.off('exit', killAll);
    killAll();
  }
}

/** What an ordinary display gets to see, verified and printed. */
function showEvents(site: Site, port: number, print: (line: string) => void): Promise<Subscriber> {
  return Subscriber.connect({
    ...{ port, user: site.user, password: site.password, site: SITE, gateway: GATEWAY },
    issuer: openIssuerCertificate(readFileSync(site.issuerCertificate)),
    onEvent: (event) => {
      print(eventLine(event));
    },
    onHelp: (call) => {
      print(helpLine(call));
    },
    onBad: (reason) => {
      print(`NOT VERIFIED: ${reason}`);
    },
  });
}

/** Has everybody stop, and waits until all that was logged was acknowledged and received, or nothing more comes. */
async function drain(
  devices: readonly Devices[],
  subscriber: Subscriber,
  status: () => Promise<JsonObject>,
): Promise<Omit<DemoSummary, 'minutes'>> {
  const { tally } = subscriber;
  await Promise.all(devices.map((device) => device.stop()));
  await until(() => devices.every(({ logged, acked }) => logged === acked));
  const total = (await status())['stored'] as JsonObject;
  const stored = Number(total['records']);
  await until(() => tally.records.size >= stored);
  const logged = devices.reduce((sum, device) => sum + device.logged, 0);
  const acked = devices.reduce((sum, device) => sum + device.acked, 0);
  // What is stored and was acknowledged to nobody is the gateway's own.
  const own = Math.max(0, stored - acked);
  const { received, verified, duplicates, records } = tally;
  return {
    logged: logged + own,
    stored,
    published: Number(total['events']),
    received,
    verified,
    duplicates,
    lost: logged + own - records.size,
  };
}

/** Resolves when it is so, or after {@link DRAIN_MS}. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  while (!isSo() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

async function failWhenEnded(child: Child): Promise<never> {
  const code = await child.ended;
  throw new Error(`${child.name} ended with exit code ${String(code)} in the middle of the demo`);
}

function readReady(message: JsonObject): { port: number; readyMs: number } | undefined {
  if (message['ready'] !== true) return undefined;
  return { port: Number((message['mqtt'] as JsonObject)['port']), readyMs: Number(message['readyMs']) };
}
