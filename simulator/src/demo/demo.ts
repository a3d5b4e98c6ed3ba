/** A whole simulated centre: one gateway, three readers, forty bands, and a display that verifies what it is shown. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIssuerCertificate } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { Child, type JsonObject, runJson } from '../programs/child.js';
import { type BandMix, type BandRange, BandStock } from '../taps/bands.js';
import { provision } from '../taps/provision.js';
import { eventLine, HEADINGS } from './lines.js';
import { Subscriber } from './subscriber.js';

export interface DemoOptions {
  /** The gateway's program. */
  readonly gateway: string;
  /** This program, which the readers run. */
  readonly bandsim: string;
  /** Where to put everything; a new folder in the system's place for such things when left out. */
  readonly dir?: string | undefined;
  readonly readers: number;
  readonly bands: number;
  /** Taps a minute at each reader. */
  readonly rate: number;
  /** Resolves when it is time to stop. */
  readonly stop: Promise<unknown>;
  readonly print: (line: string) => void;
}

export interface DemoSummary {
  readonly logged: number;
  readonly stored: number;
  readonly published: number;
  readonly received: number;
  readonly verified: number;
  readonly duplicates: number;
  readonly lost: number;
}

const SITE = 'dahaiyang';
const GATEWAY = 'gw-1';
/** Two tags that show their UID, one that also shows a MAC, one band with a key, and so on. */
const MIX: BandMix = { uid: 2, sun: 1, key: 1 };
/** Check-ins that the readers hold when the demo begins, so that check-outs have something to end. */
const HISTORY_MINUTES = 150;
/** For the last taps to be sealed, stored and delivered. */
const DRAIN_MS = 10_000;

export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'timeband-'));
  const site = join(dir, 'site');
  const readerDir = join(dir, 'readers');
  mkdirSync(readerDir, { recursive: true });
  const children: Child[] = [];
  const killAll = (): void => {
    for (const child of children) child.kill();
  };
  process.once('exit', killAll);

  try {
    const files = await runJson([
      options.gateway,
      'init',
      site,
      '--json',
      '--site',
      SITE,
      '--gateway',
      GATEWAY,
      '--link',
      `${readerDir}/*`,
      '--mqtt-port',
      '0',
    ]);
    const config = text(files, 'config');
    introduceBands(options, site, config, text(files, 'issuerKey'));
    const account = await runJson([
      options.gateway,
      'user',
      'add',
      'display',
      '--role',
      'subscriber',
      '--config',
      config,
      '--json',
    ]);
    const gatewayLog = join(dir, 'gateway.log');
    const gateway = new Child('the gateway', [options.gateway, 'run', '--config', config], gatewayLog);
    children.push(gateway);
    const { port, readyMs } = await gateway.expect(readReady);

    const { print } = options;
    print(`Site       ${site}`);
    print(`Gateway    MQTT on 127.0.0.1:${port}, ready in ${readyMs} ms, log in ${gatewayLog}`);
    print(
      `Account    ${text(account, 'user')} (made for this run; ask for another: timeband-gateway user add --help)`,
    );
    print(`Readers    ${readerDir} (${options.readers} of them, ${options.bands} bands)`);
    print(`Status     node ${options.gateway} status --config ${config}`);
    print('Stop       Ctrl-C');
    print('');
    print(HEADINGS);

    let firstBad: string | undefined;
    const subscriber = await Subscriber.connect({
      port,
      user: text(account, 'user'),
      password: text(account, 'password'),
      site: SITE,
      gateway: GATEWAY,
      issuer: openIssuerCertificate(readFileSync(text(files, 'issuerCertificate'))),
      onEvent: (event) => {
        print(eventLine(event));
      },
      onBad: (reason) => {
        firstBad ??= reason;
        print(`NOT VERIFIED: ${reason}`);
      },
    });
    const readers = startReaders(options, readerDir, text(files, 'issuerKey'), dir);
    children.push(...readers);

    await Promise.race([options.stop, ...children.map((child) => failWhenEnded(child))]);
    print('');
    print('Stopping: waiting for the last taps to be sealed, stored and delivered.');
    const logged = await drain(readers, subscriber);
    const report = await runJson([options.gateway, 'status', '--config', config, '--json']);
    await Promise.all(readers.map((reader) => reader.end()));
    await subscriber.end();
    await gateway.end();

    const { received, verified, duplicates, records } = subscriber.tally;
    const stored = report['stored'] as JsonObject;
    return {
      logged,
      stored: Number(stored['records']),
      published: Number(stored['events']),
      received,
      verified,
      duplicates,
      lost: logged - records.size,
    };
  } finally {
    process.off('exit', killAll);
    killAll();
  }
}

/** The bands that tap at a reader, of a seed of its own. */
function bandsAt(reader: number, { bands, readers }: DemoOptions): BandRange & { readonly seed: string } {
  const share = Math.ceil(bands / readers);
  return {
    seed: String(reader + 1),
    from: reader * share,
    to: Math.min((reader + 1) * share, bands) - 1,
  };
}

/** Does a technician's work: brings the tags' keys and the bands' certificates to the gateway. */
function introduceBands(options: DemoOptions, site: string, config: string, issuerKey: string): void {
  const key = readPrivateKeyPem(readFileSync(issuerKey, 'utf8'));
  const issues = Array.from({ length: options.readers }, (_, i) => {
    const { seed, ...range } = bandsAt(i, options);
    return { stock: new BandStock({ seed, site: SITE, mix: MIX }), range };
  });
  const { tagKeys, certificates } = provision(join(site, 'trust'), key, issues);
  appendFileSync(
    config,
    `tagKeys: ${JSON.stringify(tagKeys)}\ncertificates: ${JSON.stringify(certificates)}\n`,
  );
}

function startReaders(options: DemoOptions, readerDir: string, issuerKey: string, dir: string): Child[] {
  return Array.from({ length: options.readers }, (_, i) => {
    const id = `reader-${i + 1}`;
    const { seed, from, to } = bandsAt(i, options);
    return new Child(
      id,
      [
        options.bandsim,
        'reader',
        '--json',
        '--site',
        SITE,
        '--id',
        id,
        '--issuer-key',
        issuerKey,
        '--link',
        join(readerDir, id),
        '--bands',
        `${from}-${to}`,
        '--mix',
        `${MIX.uid}:${MIX.sun}:${MIX.key}`,
        '--rate',
        String(options.rate),
        '--history',
        String(HISTORY_MINUTES),
        '--seed',
        seed,
      ],
      join(dir, `${id}.log`),
    );
  });
}

/** Stops the taps and waits until everything that was logged has been received, or nothing more comes. */
async function drain(readers: readonly Child[], subscriber: Subscriber): Promise<number> {
  const logged = await Promise.all(
    readers.map(async (reader) => {
      reader.tell('stop-taps');
      reader.tell('status');
      return reader.expect((message) =>
        typeof message['logged'] === 'number' ? message['logged'] : undefined,
      );
    }),
  );
  const total = logged.reduce((sum, count) => sum + count, 0);
  const deadline = performance.now() + DRAIN_MS;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (subscriber.tally.records.size >= total || performance.now() > deadline) resolve();
      else setTimeout(look, 50);
    };
    look();
  });
  return total;
}

async function failWhenEnded(child: Child): Promise<never> {
  const code = await child.ended;
  throw new Error(`${child.name} ended with exit code ${String(code)} in the middle of the demo`);
}

function readReady(message: JsonObject): { port: number; readyMs: number } | undefined {
  if (message['ready'] !== true) return undefined;
  return { port: Number((message['mqtt'] as JsonObject)['port']), readyMs: Number(message['readyMs']) };
}

function text(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value !== 'string') throw new Error(`${key} is missing in what the gateway printed`);
  return value;
}
