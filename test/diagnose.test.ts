/** What support gets of a box says how the box is, and nothing that a resident, an account or a key could be known by. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecord, type Event, KIND, readPunch, toHex } from '@timeband/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Centre, GATEWAY_BIN, type GatewayProcess } from './support/centre.js';
import { outcome } from './support/outcome.js';

const IRK = 'ec0234a357c8ad05341010a60a397d9b';
const PASSPHRASE = 'seven-quiet-herons';

/** Whose wristband it was: the gateway's word, or what stands in the record. */
function bandOf({ band, record }: Event): string | undefined {
  const { kind, body } = decodeRecord(record);
  if (kind !== KIND.punch) return undefined;
  const { proof } = readPunch(body);
  return band ?? ('uid' in proof ? `tag-${toHex(proof.uid)}` : undefined);
}

describe('a bundle for support', { timeout: 90_000 }, () => {
  let centre: Centre;
  let gateway: GatewayProcess;
  let bands: Set<string>;
  beforeAll(async () => {
    centre = await Centre.create();
    const site = join(centre.dir, 'site');
    appendFileSync(
      centre.config,
      'monitoring: { enabled: false }\nuplink:\n  url: mqtts://127.0.0.1:1\n  user: dahaiyang-box\n  passwordFile: city-password\n',
    );
    writeFileSync(
      centre.config,
      readFileSync(centre.config, 'utf8').replace('level: info', 'level: debug\n  file: gateway.log'),
    );
    writeSecret(join(site, 'city-password'), `${PASSPHRASE}\n`);
    writeSecret(join(site, 'bands.json'), JSON.stringify([{ device: 'wearer-7', irk: IRK }]));
    await centre.startReader('reader-1', ['--rate', '600', '--bands', '5', '--sign-ms', '5']);
    gateway = await centre.startGateway();
    const display = await centre.subscribe();
    await display.until((events) => events.length >= 5);
    bands = new Set(display.events.flatMap(({ event }) => bandOf(event) ?? []));
    expect(bands.size).toBeGreaterThan(0);
    // What no line of ours says, and one of a library might.
    const log = 'gateway.1.log';
    const [band = ''] = bands;
    const lines = [
      {
        level: 50,
        msg: `cannot write for ${band} and wearer-7 at 192.168.4.7, ${IRK}`,
        client: 'display/kitchen-screen',
      },
      {
        level: 50,
        msg: `again: display/kitchen-screen, password ${centre.password} of display, D4:3A:2C:00:11:22`,
      },
    ];
    appendFileSync(join(site, log), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }, 90_000);
  afterAll(() => centre.close());

  const writeSecret = (file: string, text: string): void => {
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
  };

  /** Everything in a bundle, by name. */
  const open = (file: string): Map<string, string> => {
    const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n');
    return new Map(
      names.map((name) => [
        name.split('/')[1] ?? '',
        execFileSync('tar', ['xzOf', file, name], { encoding: 'utf8' }),
      ]),
    );
  };

  /** Every word of every secret file, and who is not to be known. */
  const forbidden = (): string[] => {
    const site = join(centre.dir, 'site');
    const files = readdirSync(site, { recursive: true, encoding: 'utf8' })
      .map((name) => join(site, name))
      .filter((file) => statSync(file).isFile() && /\.key$|\.pem$|\.json$/.test(file));
    const words = files.flatMap((file) => readFileSync(file, 'latin1').match(/[A-Za-z0-9+/_=-]{20,}/g) ?? []);
    expect(words.length).toBeGreaterThan(6);
    const names = ['kitchen-screen', 'wearer-7', '192.168.4.7', 'D4:3A:2C', 'd4:3a:2c', 'dahaiyang-box'];
    return [...words, ...names, ...bands, centre.password, PASSPHRASE, IRK];
  };

  const expectClean = (content: Map<string, string>): void => {
    for (const [name, text] of content) {
      for (const word of forbidden()) if (text.includes(word)) expect.fail(`${name} has ${word}`);
    }
  };

  it('tells of a gateway that runs, and names nobody', async () => {
    const file = join(centre.dir, 'running.tar.gz');
    const { exitCode, out } = await outcome([
      GATEWAY_BIN,
      'diagnose',
      '--config',
      centre.config,
      '--out',
      file,
    ]);
    expect(exitCode).toBe(0);
    expect(out).toContain('status.json');
    const content = open(file);
    expectClean(content);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(content.get('status.json') ?? '')).toMatchObject({
      site: 'dahaiyang',
      links: [{ session: { state: 'following', device: 'reader-1' } }],
    });
    expect(JSON.parse(content.get('records.json') ?? '')).toMatchObject({ verdict: 'good' });
    expect(content.get('certificates.json')).toContain('"role": "gateway"');
    expect(content.get('check.json')).toContain('verdict');
    // One name for one band, in all of the bundle.
    const log = content.get('log.txt') ?? '';
    expect(log).toMatch(
      /cannot write for tag_[0-9a-f]{8} and id_[0-9a-f]{8} at address_[0-9a-f]{8}, \[removed\]/,
    );
    const name = /"client":"(id_[0-9a-f]{8}\/id_[0-9a-f]{8})"/.exec(log)?.[1] ?? 'none';
    expect(log).toContain(`again: ${name}, password [removed]`);
    const again = await outcome([GATEWAY_BIN, 'diagnose', '--config', centre.config, '--out', file]);
    expect(again.exitCode).toBe(4);
  });

  it('tells of a gateway that does not run, and says what it cannot tell', async () => {
    await gateway.child.end();
    const file = join(centre.dir, 'stopped.tar.gz');
    const { exitCode, out } = await outcome([
      GATEWAY_BIN,
      'diagnose',
      '--config',
      centre.config,
      '--out',
      file,
      '--json',
    ]);
    expect(exitCode).toBe(0);
    const { parts } = JSON.parse(out) as { parts: { name: string; missing?: string }[] };
    expect(parts.find(({ name }) => name === 'status.json')?.missing).toContain('no gateway answers');
    const content = open(file);
    expectClean(content);
    expect(JSON.parse(content.get('records.json') ?? '')).toMatchObject({ verdict: 'good' });
  });
});
