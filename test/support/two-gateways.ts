/** A site with two gateways: the primary runs in this process, the other as a program; between them a line that can be cut. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAccount, initSite, loadConfig, type RunningGateway, startGateway } from '@timeband/gateway';
import { issueCertificate, type PrivateKey, signPolicy } from '@timeband/protocol';
import { readPrivateKeyPem, writePrivateKeyPem } from '@timeband/protocol/pem';
import { Child, type JsonObject, runJson } from '@timeband/simulator';
import { pino } from 'pino';
import { parseDocument } from 'yaml';
import { BANDSIM_BIN, GATEWAY_BIN, SITE } from './centre.js';

export class TwoGateways {
  readonly primaryConfig: string;
  readonly secondaryConfig: string;
  private readonly children: Child[] = [];
  private secondary: Child | undefined;
  private primary: RunningGateway | undefined;

  private constructor(
    readonly dir: string,
    /** Of the account `display` at the primary. */
    readonly password: string,
    private readonly relay: CuttableLine,
    private readonly issuer: PrivateKey,
  ) {
    this.primaryConfig = join(dir, 'gw-1', 'gateway.yaml');
    this.secondaryConfig = join(dir, 'gw-2', 'gateway.yaml');
  }

  static async create(): Promise<TwoGateways> {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-two-'));
    mkdirSync(join(dir, 'readers'));
    const now = Math.floor(Date.now() / 1_000);
    const common = { site: SITE, mqttPort: 0, now };
    const one = initSite({ ...common, dir: join(dir, 'gw-1'), gateway: 'gw-1', links: [join(dir, 'none')] });
    const two = initSite({
      ...common,
      dir: join(dir, 'gw-2'),
      gateway: 'gw-2',
      links: [join(dir, 'readers/*')],
    });
    const issuer = readPrivateKeyPem(readFileSync(one.issuerKey, 'utf8'));
    const key = readPrivateKeyPem(readFileSync(two.gatewayKey, 'utf8'));
    const certified = { issuer: SITE, subject: 'gw-2', role: 'gateway', site: SITE } as const;
    const dates = { notBefore: now - 60, expires: now + 86_400 };
    writeFileSync(
      two.gatewayCertificate,
      issueCertificate(issuer, { ...certified, ...dates, key: key.publicKey }),
    );
    copyFileSync(one.issuerCertificate, two.issuerCertificate);
    const relay = await CuttableLine.open();
    const peerPassword = await addAccount(one.accounts, 'gw-2', 'peer');
    writeFileSync(join(dir, 'gw-2', 'gw-1.password'), peerPassword, { mode: 0o600 });
    const to = [{ gateway: 'gw-1', url: `mqtt://127.0.0.1:${relay.port}`, passwordFile: 'gw-1.password' }];
    change(one.config, { policy: ['../primary.cose'] });
    change(two.config, { policy: ['../primary.cose'], forward: { to } });
    const password = await addAccount(one.accounts, 'display', 'subscriber');
    const site = new TwoGateways(dir, password, relay, issuer);
    site.name('gw-1', 1);
    return site;
  }

  /** Names the primary, by the site's issuer. */
  name(gateway: string, term: number): void {
    const header = { number: term, issued: Math.floor(Date.now() / 1_000), site: SITE };
    writeFileSync(
      join(this.dir, 'primary.cose'),
      signPolicy(this.issuer, header, { type: 'primary', gateway, term }),
    );
  }

  /** @returns the port of its broker */
  async startPrimary(): Promise<number> {
    const log = pino({ level: 'silent' });
    this.primary = await startGateway({ config: loadConfig(this.primaryConfig), log });
    const { port } = this.primary.report().mqtt;
    this.relay.target = port;
    return port;
  }

  get report(): ReturnType<RunningGateway['report']> {
    if (this.primary === undefined) throw new Error('the primary does not run');
    return this.primary.report();
  }

  async startSecondary(): Promise<Child> {
    const child = new Child(
      'gw-2',
      [GATEWAY_BIN, 'run', '--config', this.secondaryConfig],
      join(this.dir, 'gw-2.log'),
    );
    this.children.push(child);
    this.secondary = child;
    await child.expect((message) => (message['ready'] === true ? true : undefined));
    return child;
  }

  /** Without warning. */
  async killSecondary(): Promise<void> {
    this.secondary?.kill();
    await this.secondary?.ended;
  }

  /** At the secondary. */
  async startReader(id: string): Promise<Child> {
    const key = join(this.dir, 'issuer.key');
    writeFileSync(key, writePrivateKeyPem(this.issuer), { mode: 0o600 });
    const child = new Child(
      id,
      [
        BANDSIM_BIN,
        ...['reader', '--json', '--site', SITE, '--id', id, '--issuer-key', key],
        ...['--link', join(this.dir, 'readers', id), '--rate', '0', '--bands', '40', '--sign-ms', '5'],
      ],
      join(this.dir, `${id}.log`),
    );
    this.children.push(child);
    await child.expect((message) => (message['event'] === 'ready' ? true : undefined));
    return child;
  }

  /** `status` of the secondary, asked until it satisfies the condition. */
  async until(condition: (status: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const status = await runJson([GATEWAY_BIN, 'status', '--config', this.secondaryConfig, '--json']);
      if (condition(status)) return status;
    }
  }

  cut(): void {
    this.relay.cut();
  }

  mend(): void {
    this.relay.isCut = false;
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.end()));
    await this.primary?.close();
    await this.relay.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function change(config: string, settings: Readonly<Record<string, unknown>>): void {
  const document = parseDocument(readFileSync(config, 'utf8'));
  for (const [key, value] of Object.entries(settings)) document.set(key, value);
  writeFileSync(config, document.toString());
}

/** Hands connections on to a port, until it is cut. */
class CuttableLine {
  isCut = false;
  target = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(): Promise<CuttableLine> {
    const server = createServer();
    const line = new CuttableLine(server);
    server.on('connection', (socket) => {
      line.take(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(socket: Socket): void {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const further = connect(this.target, '127.0.0.1');
    for (const [one, other] of [
      [socket, further],
      [further, socket],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
