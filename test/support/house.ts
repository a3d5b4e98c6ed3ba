/** A gateway in this process, whole, with operators whose keys it does not have, a resident's band, and accounts of each role. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import {
  addAccount,
  askControl,
  initSite,
  loadConfig,
  renewServerCertificate,
  type Service,
  type siteFiles,
  startService,
} from '@timeband/gateway';
import {
  approve,
  issueCertificate,
  PrivateKey,
  randomBytes,
  type Role as CertifiedRole,
  toBase64,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { GATEWAY, SITE } from './centre.js';

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Asking {
  readonly as?: string | undefined;
  readonly password?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A client certificate, shown in the handshake. */
  readonly shown?: { readonly key: string; readonly certificate: string } | undefined;
  /** One that is kept open; a connection of its own otherwise. */
  readonly agent?: Agent;
}

/** The site was made so long ago: what tests date a minute back is of after that. */
const AGE_SECONDS = 3_600;

const ROLES = ['subscriber', 'console', 'operator', 'technician'] as const;

export class House {
  readonly operators: Readonly<Record<'li' | 'wang' | 'technician', PrivateKey>>;
  private readonly passwords = new Map<string, string>();
  private service: Service | undefined;

  private constructor(
    readonly dir: string,
    readonly files: ReturnType<typeof siteFiles>,
    private readonly issuerKey: PrivateKey,
  ) {
    this.operators = {
      li: this.certify('operator-1', 'operator'),
      wang: this.certify('operator-2', 'operator'),
      technician: this.certify('technician-1', 'technician'),
    };
  }

  static async open(settings: Readonly<Record<string, unknown>> = {}): Promise<House> {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-house-'));
    const made = Math.floor(Date.now() / 1_000) - AGE_SECONDS;
    const files = initSite({ dir, site: SITE, gateway: GATEWAY, links: [], mqttPort: 0, now: made });
    await renewServerCertificate(files, { site: SITE, gateway: GATEWAY, now: made });
    mkdirSync(join(dir, 'people'));
    const all = {
      ...{ version: 1, site: SITE, gateway: GATEWAY, broker: { port: 0 }, monitoring: { enabled: false } },
      ...{ certificates: 'people', api: { port: 0 }, log: { level: 'info', file: 'gateway.log' } },
      ...{ ledger: { timeZone: 'Asia/Shanghai' } },
      ...settings,
    };
    writeFileSync(files.config, JSON.stringify(all));
    const house = new House(dir, files, readPrivateKeyPem(readFileSync(files.issuerKey, 'utf8')));
    for (const role of ROLES) {
      house.passwords.set(role, await addAccount(files.accounts, role, role));
    }
    await house.addAccount('branch', 'branch-3');
    await house.start();
    return house;
  }

  /** Of an operator who acts for an organisation. */
  async addAccount(name: string, organisation: string): Promise<void> {
    const { accounts } = this.files;
    this.passwords.set(name, await addAccount(accounts, name, 'operator', { organisation }));
  }

  async start(): Promise<void> {
    const { config } = this.files;
    this.service = await startService({ configFile: config, read: () => loadConfig(config) });
  }

  async stop(): Promise<void> {
    await this.service?.close();
    this.service = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true });
  }

  get config() {
    return loadConfig(this.files.config);
  }

  get mqttPort(): number {
    return this.service?.mqtt.port ?? 0;
  }

  passwordOf(account: string): string {
    return this.passwords.get(account) ?? '';
  }

  /** What the gateway wrote to its log. */
  get log(): string {
    return readFileSync(join(this.dir, 'gateway.1.log'), 'utf8');
  }

  private certify(subject: string, role: CertifiedRole): PrivateKey {
    const key = PrivateKey.generate();
    const now = Math.floor(Date.now() / 1_000);
    writeFileSync(
      join(this.dir, 'people', `${subject}.cwt`),
      issueCertificate(this.issuerKey, {
        ...{ issuer: SITE, subject, role, site: SITE, key: key.publicKey },
        ...{ notBefore: now - 86_400, expires: now + 86_400 },
      }),
    );
    return key;
  }

  /** Over HTTPS, with the site's own authority. */
  async ask(
    path: string,
    { as = 'operator', password, method = 'GET', body, headers, shown, agent }: Asking = {},
  ): Promise<Reply> {
    const name = as === 'nobody' ? undefined : as;
    const given = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port: this.service?.api?.port, path, method },
          ca: readFileSync(this.files.mqttAuthority),
          agent: agent ?? false,
          ...(shown && { key: shown.key, cert: shown.certificate }),
          auth: name && `${name}:${password ?? this.passwordOf(name)}`,
          headers: { ...(given !== undefined && { 'content-type': 'application/json' }), ...headers },
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(given);
    });
    const text = await readText(response);
    const type = response.headers['content-type'] ?? '';
    return {
      ...{ status: response.statusCode ?? 0, type, headers: response.headers, text },
      body: type.includes('json') ? (JSON.parse(text) as Reply['body']) : {},
    };
  }

  /** As the gateway's own commands do. */
  async command(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    return askControl(this.files.controlSocket, { path, query, timeoutMs: 10_000 });
  }
}

/** What was decided, and by whom it is signed. */
export function approved(
  kind: 'correct' | 'transfer' | 'enrol',
  action: Uint8Array,
  ...signers: readonly PrivateKey[]
) {
  return {
    kind,
    action: toBase64(action),
    approvals: signers.map((key) => {
      const approval = approve(key, SITE, action);
      return { message: toBase64(approval.by === 'certificate' ? approval.message : new Uint8Array()) };
    }),
  };
}

export function nonce(): Uint8Array {
  return randomBytes(16);
}
