/** The gateway as it is on a box: its real program, started, asked how it is, killed at any moment, and started again. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { GatewayReport } from '@timeband/gateway';
import { Child } from '@timeband/simulator';
import { GATEWAY_BIN } from '../../support/centre.js';
import type { CrashSite } from './site.js';

export interface Readiness {
  readonly ready: boolean;
  /** What is not good, as `name: what it says`. */
  readonly bad: readonly string[];
}

interface ReadinessPage {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly good: boolean; readonly says: string }[];
}

const READY_WITHIN_MS = 30_000;
/** A radio process that was just loading notices at the end of that. */
const GONE_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 20;

export class GatewayProgram {
  private running: Child | undefined;
  /** Of every start, in milliseconds from the start of the program. */
  readonly readyMs: number[] = [];

  constructor(
    private readonly site: CrashSite,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  get logFile(): string {
    return join(this.site.dir, 'gateway.log');
  }

  get pid(): number {
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Begins to start it. */
  begin(): void {
    const child = new Child(
      'the gateway',
      [GATEWAY_BIN, 'run', '--config', this.site.files.config],
      this.logFile,
      this.environment,
    );
    this.running = child;
  }

  /** Rejects when it ends before it is ready, or takes too long. */
  async ready(): Promise<void> {
    const ready = this.child.expect(({ ready, readyMs }) => (ready === true ? Number(readyMs) : undefined));
    this.readyMs.push(await within(READY_WITHIN_MS, ready, 'the gateway is not ready'));
  }

  async start(): Promise<void> {
    this.begin();
    await this.ready();
  }

  /** Resolves with the exit code of one that ends by itself. */
  async ends(): Promise<number | null> {
    const code = await within(READY_WITHIN_MS, this.child.ended, 'the gateway has not ended');
    this.running = undefined;
    return code;
  }

  /** Asks it to end, without waiting for that. */
  askToEnd(): void {
    process.kill(this.pid, 'SIGTERM');
  }

  /** SIGKILL. Resolves when it is gone, and everything that it had started. */
  async kill(): Promise<void> {
    const { child } = this;
    child.kill();
    await child.ended;
    this.running = undefined;
    await isGone(child.pid);
  }

  /** Ends it as an operator does. @throws Error when it does not end well */
  async stop(): Promise<void> {
    const { child } = this;
    await child.end();
    this.running = undefined;
    const code = await child.ended;
    if (code !== 0) throw new Error(`the gateway ended with ${String(code)} when it was told to stop`);
    await isGone(child.pid);
  }

  /** What it says of itself to `timeband-gateway status`, asked in the same way. */
  async status(): Promise<GatewayReport> {
    const asked = request({
      ...{ socketPath: this.site.files.controlSocket, path: '/status' },
      agent: false, // a connection that is kept may lead to a gateway that was killed
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return (await json(response)) as GatewayReport;
  }

  /** How `/readyz` answers. */
  async readiness(): Promise<Readiness> {
    const response = await fetch(`http://127.0.0.1:${this.site.ports.monitor}/readyz`);
    const { ready, checks } = (await response.json()) as ReadinessPage;
    const bad = checks.filter(({ good }) => !good).map(({ name, says }) => `${name}: ${says}`);
    return { ready, bad };
  }

  /** Resolves once `/readyz` says what is hoped for. */
  async untilReadiness(
    isSo: (readiness: Readiness) => boolean,
    what: string,
    withinMs = 20_000,
  ): Promise<Readiness> {
    const end = performance.now() + withinMs;
    for (;;) {
      const readiness = await this.readiness();
      if (isSo(readiness)) return readiness;
      if (performance.now() > end) {
        throw new Error(`after ${withinMs / 1_000} s it is not ${what}: ${JSON.stringify(readiness)}`);
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  private get child(): Child {
    if (this.running === undefined) throw new Error('the gateway is not running');
    return this.running;
  }
}

/** Its process group holds the radio's process too, which has to notice by itself that it is alone. */
async function isGone(pid: number): Promise<void> {
  const end = performance.now() + GONE_WITHIN_MS;
  while (isThere(pid)) {
    if (performance.now() > end)
      throw new Error(`a process that the gateway (${pid}) started has outlived it`);
    await pause(LOOK_EVERY_MS);
  }
}

function isThere(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @throws Error when it takes longer */
export async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} within ${ms / 1_000} s`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
