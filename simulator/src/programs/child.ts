/** Our programs as others run them: started, listened to a line at a time, told things, and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { closeSync, openSync } from 'node:fs';

/** A program of ours that speaks JSON lines on its standard output. */
export class Child {
  private readonly process: ChildProcess;
  private readonly input: Writable;
  private readonly listeners = new Set<(message: JsonObject) => void>();
  /** Resolves with the exit code once the program has ended. */
  readonly ended: Promise<number | null>;

  /** Its own process group: Ctrl-C at the terminal reaches us alone, and we end the others in order. */
  constructor(
    readonly name: string,
    args: readonly string[],
    /** Where its standard error goes; ours when left out. */
    logFile?: string,
    /** Beside our own environment. */
    environment: Readonly<Record<string, string>> = {},
  ) {
    const log = logFile === undefined ? undefined : openSync(logFile, 'a', 0o600);
    this.process = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', log ?? 'inherit'],
      detached: true,
      env: { ...process.env, ...environment },
    });
    if (log !== undefined) closeSync(log);
    const { stdin, stdout } = this.process;
    if (stdin === null || stdout === null) throw new Error(`${name} was started without pipes`);
    this.input = stdin;
    this.input.on('error', () => undefined); // it ended first: `ended` tells
    this.ended = new Promise((resolve) => {
      this.process.once('close', resolve);
    });
    createInterface({ input: stdout }).on('line', (line) => {
      const message = parseObject(line);
      if (message !== undefined) for (const listener of [...this.listeners]) listener(message);
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  onMessage(listener: (message: JsonObject) => void): void {
    this.listeners.add(listener);
  }

  /** The first message that `accept` takes. Rejects when the program ends before. */
  async expect<T>(accept: (message: JsonObject) => T | undefined): Promise<T> {
    let listener: ((message: JsonObject) => void) | undefined;
    const found = new Promise<T>((resolve) => {
      listener = (message) => {
        const value = accept(message);
        if (value !== undefined) resolve(value);
      };
      this.listeners.add(listener);
    });
    const failed = this.ended.then((code): never => {
      throw new Error(`${this.name} ended with exit code ${String(code)} too early; its log says why`);
    });
    try {
      return await Promise.race([found, failed]);
    } finally {
      if (listener !== undefined) this.listeners.delete(listener);
    }
  }

  tell(command: string): void {
    this.input.write(`${command}\n`);
  }

  /** Asks it to end, and insists after `patienceMs`. */
  async end(patienceMs = 5_000): Promise<void> {
    this.process.kill('SIGTERM');
    const insist = setTimeout(() => {
      this.kill();
    }, patienceMs);
    await this.ended;
    clearTimeout(insist);
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Runs a command to its end and reads the JSON it prints. Rejects with what it said when it fails. */
export async function runJson(args: readonly string[]): Promise<JsonObject> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const code =
    child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('close', resolve)));
  const value = parseObject(out);
  if (code !== 0 || value === undefined)
    throw new Error(`${args.slice(1, 3).join(' ')} failed: ${err || out}`);
  return value;
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
