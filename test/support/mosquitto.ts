/** A city with one broker: Eclipse Mosquitto with TLS, passwords and client certificates, as tests want it. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebian, isRoot, MOSQUITTO } from './debian.js';
import { freePorts, Server } from './server.js';

export interface MosquittoOptions {
  /** Where its files are. */
  readonly dir: string;
  /** PEM files; without them it speaks plain TCP. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Who may log in; anybody where left out. */
  readonly passwords?: Readonly<Record<string, string>>;
}

export class Mosquitto {
  private constructor(
    readonly port: number,
    private readonly command: string,
    private readonly file: string,
    private server: Server,
  ) {}

  static async start({ dir, tls, passwords }: MosquittoOptions): Promise<Mosquitto> {
    const command = await ensureDebian(MOSQUITTO);
    const [port = 0] = await freePorts(1);
    const file = join(dir, `mosquitto-${port}.conf`);
    const lines = [
      `listener ${port} 127.0.0.1`,
      // Debian's gives up root for a user who cannot read the files of a test.
      ...(isRoot ? ['user root'] : []),
      ...['persistence true', `persistence_location ${dir}/`, 'autosave_interval 0'],
      ...['max_queued_messages 0', 'max_inflight_messages 0', 'set_tcp_nodelay true'],
    ];
    if (tls !== undefined) {
      lines.push(
        `cafile ${tls.ca}`,
        `certfile ${tls.cert}`,
        `keyfile ${tls.key}`,
        'require_certificate true',
      );
    }
    if (passwords === undefined) lines.push('allow_anonymous true');
    else lines.push('allow_anonymous false', `password_file ${await passwordFile(dir, passwords)}`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return new Mosquitto(port, command, file, await launch(command, file));
  }

  /** See {@link Server.obituary}. */
  get obituary(): string | undefined {
    return this.server.obituary;
  }

  /** Ends it, with what it keeps on disk. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Starts it again where it stopped. */
  async restart(): Promise<void> {
    this.server = await launch(this.command, this.file);
  }
}

function launch(command: string, file: string): Promise<Server> {
  return Server.start('mosquitto', command, ['-c', file], /mosquitto version \S+ running/);
}

async function passwordFile(dir: string, passwords: Readonly<Record<string, string>>): Promise<string> {
  const file = join(dir, 'passwords');
  const lines = Object.entries(passwords).map(([name, password]) => `${name}:${password}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  await promisify(execFile)('mosquitto_passwd', ['-U', file]);
  return file;
}
