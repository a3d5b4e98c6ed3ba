/** `run` as systemd and a monitoring system see it: the real program, the real systemd-notify, a real socket, real signals. */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Centre, type GatewayProcess } from './support/centre.js';
import { ensureDebian, INSTALL_TIMEOUT_MS } from './support/debian.js';

const PYTHON = { names: ['python3'], debianPackage: 'python3-minimal', variable: 'PYTHON3' } as const;
const NOTIFY = { names: ['systemd-notify'], debianPackage: 'systemd', variable: 'SYSTEMD_NOTIFY' } as const;

/** Stands in for systemd: prints what comes, and lets go of what it is sent to wait for. */
const RECEIVER = `
import json, os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('[]', flush=True)
while True:
    words, fds, _, _ = socket.recv_fds(receiver, 4096, 4)
    for fd in fds: os.close(fd)
    print(json.dumps(words.decode().split('\\n')), flush=True)
`;

class Heard<T> {
  private readonly all: T[] = [];
  private readonly waiting = new Set<() => void>();

  add(one: T): void {
    this.all.push(one);
    for (const look of this.waiting) look();
  }

  /** The first that fits, from now on or from before. */
  until(fits: (one: T) => boolean): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.all.find(fits);
        if (found === undefined) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }
}

describe('the gateway as a service', () => {
  let centre: Centre;
  let gateway: GatewayProcess;
  let told: Heard<string[]>;
  let end: () => void;

  beforeEach(async () => {
    await ensureDebian(NOTIFY);
    centre = await Centre.create();
    const socket = join(centre.dir, 'notify');
    const receiver = spawn(await ensureDebian(PYTHON), ['-c', RECEIVER, socket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    told = new Heard();
    createInterface({ input: receiver.stdout }).on('line', (line) => {
      told.add(JSON.parse(line) as string[]);
    });
    await told.until((words) => words.length === 0);
    Object.assign(process.env, {
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '1000000',
      TIMEBAND_MONITORING__PORT: '0',
    });
    end = () => {
      receiver.kill();
      for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'TIMEBAND_MONITORING__PORT'])
        Reflect.deleteProperty(process.env, name);
    };
    gateway = await centre.startGateway();
  }, INSTALL_TIMEOUT_MS);
  afterEach(async () => {
    await centre.close();
    end();
  });

  /** The first line of the log that says so, as soon as it is there. */
  const logged = (message: RegExp): Promise<Readonly<Record<string, unknown>>> =>
    new Promise((resolve) => {
      const watcher = watch(join(centre.dir, 'gateway.log'));
      const look = (): void => {
        const found = centre.gatewayLog().find(({ msg }) => message.test(String(msg)));
        if (found === undefined) return;
        watcher.close();
        resolve(found);
      };
      watcher.on('change', look);
      look();
    });

  it('tells systemd that it is ready, that it lives, and that it stops', async () => {
    expect(await told.until((words) => words.includes('READY=1'))).toContain('STATUS=ready');
    await told.until((words) => words.includes('WATCHDOG=1'));
    await gateway.child.end();
    await told.until((words) => words.includes('STOPPING=1'));
  });

  it('goes by what it reads again on SIGHUP, names what needs a restart, and changes nothing for a mistake', async () => {
    const { port: monitorPort } = (await logged(/health and metrics are served/)) as { port: number };
    expect((await fetch(`http://127.0.0.1:${monitorPort}/readyz`)).status).toBe(200);

    const good = readFileSync(centre.config, 'utf8');
    writeFileSync(centre.config, good.replace('level: info', 'level: loud'));
    process.kill(gateway.child.pid, 'SIGHUP');
    expect(String((await logged(/^the settings were not read again/))['msg'])).toMatch(
      /nothing was changed.*gateway\.yaml:\d+: log\.level: should be one of/s,
    );

    writeFileSync(centre.config, good.replace('level: info', 'level: debug'));
    appendFileSync(
      centre.config,
      'uplink: { url: "mqtt://127.0.0.1:1", clientId: gw-1 }\nradio: { path: /dev/none }\n',
    );
    process.kill(gateway.child.pid, 'SIGHUP');
    expect((await logged(/^the settings were read again/))['changed']).toEqual(
      expect.arrayContaining(['log.level', 'uplink.url', 'uplink.clientId']),
    );
    expect((await logged(/^needs a restart/))['settings']).toContain('radio.path');
    expect(await centre.status()).toMatchObject({ uplink: { url: 'mqtt://127.0.0.1:1' } });
    await told.until(([first]) => first === 'RELOADING=1');

    writeFileSync(centre.config, good);
    process.kill(gateway.child.pid, 'SIGHUP');
    await told.until(([first]) => first === 'STOPPING=1' || first === 'RELOADING=1');
    await gateway.child.end();
    const last = centre
      .gatewayLog()
      .filter(({ msg }) => msg === 'the settings were read again')
      .at(-1);
    expect(last?.['changed']).toContain('uplink.url');
  });
});
