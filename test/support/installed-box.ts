/**
 * A box on which versions of the gateway stand beside each other, as a package leaves them, in a folder of its own. Their
 * programs are those of the checkout, changed in one place each; a shell script stands in for systemd.
 */
import { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Centre } from './centre.js';
import { type Outcome, outcome } from './outcome.js';

const ROOT = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url),
);

export type Change = readonly [file: string, from: string | RegExp, to: string];

export interface VersionOptions {
  readonly schema: number;
  /** Changes of built files of the gateway. */
  readonly changes?: readonly Change[];
  /** What it takes itself for, if not the version that it is. */
  readonly says?: string;
}

export class InstalledBox {
  private constructor(
    readonly centre: Centre,
    readonly prefix: string,
    private readonly bundle: (folder: string) => Promise<void>,
  ) {}

  /** @param bundle makes the program of a package from its modules */
  static async create(bundle: (folder: string) => Promise<void>): Promise<InstalledBox> {
    const centre = await Centre.create();
    appendFileSync(centre.config, 'monitoring:\n  enabled: false\n');
    const prefix = join(centre.dir, 'opt');
    mkdirSync(join(prefix, 'versions'), { recursive: true });
    // What versions depend on is found here, by Node.js's own search.
    symlinkSync(join(ROOT, 'node_modules'), join(prefix, 'node_modules'));
    const box = new InstalledBox(centre, prefix, bundle);
    writeFileSync(box.service, service(box), { mode: 0o755 });
    return box;
  }

  get service(): string {
    return join(this.prefix, 'service');
  }

  get database(): string {
    return join(this.centre.dir, 'site', 'gateway.db');
  }

  /** Puts a version beside the others. */
  async install(version: string, { schema, changes = [], says = version }: VersionOptions): Promise<string> {
    const dir = join(this.prefix, 'versions', version);
    const gateway = join(dir, 'node_modules/@timeband/gateway');
    mkdirSync(join(dir, 'bin'), { recursive: true });
    cpSync(join(ROOT, 'gateway/dist'), join(gateway, 'dist'), {
      recursive: true,
      filter: (file) => !/\.map$|\.d\.ts$|\.test\./.test(file),
    });
    for (const file of ['package.json', 'catalogue.csv'])
      cpSync(join(ROOT, 'gateway', file), join(gateway, file));
    symlinkSync(join(ROOT, 'gateway/node_modules'), join(gateway, 'node_modules'));
    writeFileSync(join(dir, 'RELEASE.json'), JSON.stringify({ version, schema }));
    writeFileSync(join(gateway, 'RELEASE.json'), JSON.stringify({ version: says, schema }));
    const bin = join(gateway, 'program/bin.js');
    const launcher = `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`;
    writeFileSync(join(dir, 'bin/timeband-gateway'), launcher, { mode: 0o755 });
    for (const [name, from, to] of changes) {
      const file = join(gateway, 'dist', name);
      const before = readFileSync(file, 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${name} has nothing like ${String(from)}`);
      writeFileSync(file, after);
    }
    await this.bundle(gateway);
    return dir;
  }

  use(version: string): void {
    symlinkSync(join('versions', version), join(this.prefix, 'current'));
  }

  /** `timeband-gateway upgrade`, of the version in use. */
  upgrade(...words: readonly string[]): Promise<Outcome> {
    return outcome([this.program('current'), 'upgrade', ...this.settings, ...words]);
  }

  program(link: 'current' | 'previous'): string {
    return join(this.prefix, link, 'node_modules/@timeband/gateway/program/bin.js');
  }

  get settings(): readonly string[] {
    return [
      ...['--config', this.centre.config, '--service', this.service, '--json'],
      ...['--patience', '60', '--settle', '0'],
    ];
  }

  run(verb: 'start' | 'stop'): Promise<Outcome> {
    return outcome([
      '-e',
      `process.exit(require('child_process').spawnSync('${this.service}', ['${verb}']).status)`,
    ]);
  }

  async close(): Promise<void> {
    await this.run('stop');
    await this.centre.close();
  }
}

/** Starts the version in use, and waits until it answers or ends; notices when it ended. */
function service({ prefix, centre: { config, dir } }: InstalledBox): string {
  const socket = join(dir, 'site', 'control.sock');
  const log = join(dir, 'gateway.log');
  return `#!/bin/sh
pidfile='${dir}/gateway.pid'
alive() { [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null; }
case "$1" in
status) alive ;;
stop)
  alive || exit 0
  kill "$(cat "$pidfile")"
  while alive; do sleep 0.05; done ;;
start)
  alive && exit 0
  rm -f '${socket}'
  '${prefix}/current/bin/timeband-gateway' run --config '${config}' >/dev/null 2>>'${log}' </dev/null &
  echo $! >"$pidfile"
  while alive; do [ -S '${socket}' ] && exit 0; sleep 0.05; done
  exit 1 ;;
esac
`;
}
