/** The real gateway for the sake of its broker: a site of its own, an account that is granted all topics, and any settings. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, type JsonObject, runJson } from '@timeband/simulator';
import { parseDocument } from 'yaml';
import { GATEWAY, GATEWAY_BIN, SITE } from './centre.js';

export interface BrokerBoxOptions {
  /** 0 takes a free one at each start. */
  readonly port?: number;
  /** Of the section `broker` of the configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What the account may subscribe to and publish on; all but the topics of gateways and of the broker where left out. */
  readonly grants?: readonly string[];
}

export const ACCOUNT = 'client';

export class BrokerBox {
  private child: Child | undefined;

  private constructor(
    readonly dir: string,
    private readonly config: string,
    readonly password: string,
  ) {}

  static async create({
    port = 0,
    settings = {},
    grants = ['#'],
  }: BrokerBoxOptions = {}): Promise<BrokerBox> {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-broker-'));
    const made = await runJson([
      GATEWAY_BIN,
      ...['init', join(dir, 'site'), '--json', '--site', SITE, '--gateway', GATEWAY],
      ...['--mqtt-port', String(port)],
    ]);
    const config = String(made['config']);
    const document = parseDocument(readFileSync(config, 'utf8'));
    for (const [key, value] of Object.entries(settings)) document.setIn(['broker', key], value);
    writeFileSync(config, document.toString());
    return new BrokerBox(dir, config, await addAccount(config, ACCOUNT, grants));
  }

  /** Adds an account with other grants. @returns its password */
  addAccount(name: string, grants: readonly string[]): Promise<string> {
    return addAccount(this.config, name, grants);
  }

  /** @returns its port */
  async start(): Promise<number> {
    const log = join(this.dir, 'gateway.log');
    this.child = new Child('the gateway', [GATEWAY_BIN, 'run', '--config', this.config], log);
    return this.child.expect((message) =>
      message['ready'] === true ? Number((message['mqtt'] as JsonObject)['port']) : undefined,
    );
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    this.child?.kill();
    await this.child?.ended;
  }

  /** `timeband-gateway status --json` */
  status(): Promise<JsonObject> {
    return runJson([GATEWAY_BIN, 'status', '--config', this.config, '--json']);
  }

  /** What the gateway wrote to its log so far. */
  get log(): string {
    return readFileSync(join(this.dir, 'gateway.log'), 'utf8');
  }

  async close(): Promise<void> {
    await this.child?.end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function addAccount(config: string, name: string, grants: readonly string[]): Promise<string> {
  const granted = grants.flatMap((grant) => ['--publish', grant, '--subscribe', grant]);
  const options = ['--role', 'technician', ...granted, '--config', config, '--json'];
  const account = await runJson([GATEWAY_BIN, 'user', 'add', name, ...options]);
  return String(account['password']);
}
