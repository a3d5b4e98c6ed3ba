/**
 * Backups with the real programs: made beside the work, restored on another box, and never to tell a second story.
 * Whatever comes of it, the two ways stay apart and both are kept (SPEC.md, Event).
 */
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Centre, GATEWAY_BIN } from './support/centre.js';
import { outcome } from './support/outcome.js';

const TAPS = ['--rate', '600', '--bands', '10', '--sign-ms', '5'];

interface Restored {
  readonly epoch: number;
  readonly head: { readonly epoch: number; readonly seq: number; readonly hash: string };
  readonly newest: { readonly epoch: number; readonly seq: number; readonly hash: string };
  readonly hasKeys: boolean;
  readonly notes: readonly string[];
}

describe('a backup', () => {
  let centre: Centre;
  let backup: string;
  let passphrase: string;
  const cli = (...args: readonly string[]) => outcome([GATEWAY_BIN, ...args]);
  const site = (...path: readonly string[]): string => join(centre.dir, 'site', ...path);

  beforeAll(async () => {
    centre = await Centre.create();
    backup = join(centre.dir, 'backup');
    passphrase = join(centre.dir, 'passphrase');
    writeFileSync(passphrase, 'seven blue boats at dawn\n', { mode: 0o600 });
    await centre.startReader('reader-1', TAPS);
  });
  afterAll(() => centre.close());

  it('is made while the gateway works on, and verifies by the issuer’s certificate alone', async () => {
    const gateway = await centre.startGateway();
    const client = await centre.subscribe();
    await client.until((events) => events.length >= 10);
    const made = await cli('backup', backup, '--config', centre.config, '--passphrase-file', passphrase);
    expect(made).toMatchObject({ exitCode: 0 });
    const issuer = site('trust', 'issuer.cwt');
    const verified = await cli('verify', backup, '--issuer', issuer);
    expect(verified).toMatchObject({ exitCode: 0 });
    expect(verified.out).toContain('everything that was signed holds');
    // More is published after it.
    const before = client.events.length;
    await client.until((events) => events.length >= before + 5);
    await client.mqtt.endAsync();
    await gateway.child.end();
    expect(existsSync(join(backup, 'issuer', 'issuer.key'))).toBe(false);
    expect(readFileSync(join(backup, 'secrets.sealed'), 'utf8')).not.toContain('PRIVATE KEY');
    expect(readdirSync(site()).filter((name) => name.startsWith('.copy-'))).toEqual([]);
  }, 90_000);

  it('overwrites nothing, and does not verify once a bit of it has flipped', async () => {
    expect((await cli('backup', backup, '--config', centre.config)).exitCode).toBe(4);
    const damaged = join(centre.dir, 'damaged');
    cpSync(backup, damaged, { recursive: true });
    const bytes = readFileSync(join(damaged, 'gateway.db'));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(damaged, 'gateway.db'), bytes);
    const { exitCode, out } = await cli('verify', damaged);
    expect(exitCode).toBe(4);
    expect(out).toContain('gateway.db of the backup was changed or is damaged');
  });

  it('restored without --new-epoch is refused where more was published, or nobody can tell', async () => {
    const to = join(centre.dir, 'same-epoch');
    const unknown = await cli('restore', backup, '--to', to);
    expect(unknown.exitCode).toBe(4);
    expect(unknown.out).toContain('nobody can tell whether something was published after the backup');
    const older = await cli('restore', backup, '--to', to, '--head', site('head'));
    expect(older.exitCode).toBe(4);
    expect(older.out).toMatch(/event \d+ was published, and the backup ends at event \d+/);
    expect(existsSync(to) ? readdirSync(to) : []).toEqual([]);
  });

  it('put into the old folder by hand does not publish: the head marker stands outside of it', async () => {
    const kept = join(centre.dir, 'kept.db');
    copyFileSync(site('gateway.db'), kept);
    for (const end of ['', '-wal']) rmSync(site(`gateway.db${end}`), { force: true });
    copyFileSync(join(backup, 'gateway.db'), site('gateway.db'));
    const { exitCode, out } = await cli('run', '--config', centre.config);
    expect(exitCode).toBe(4);
    expect(out).toContain('Nothing is published');
    const { exitCode: verdict, out: says } = await cli('reconcile', '--config', centre.config);
    expect(verdict).toBe(5);
    expect(says).toContain('marker/ahead');
    rmSync(site('gateway.db'));
    copyFileSync(kept, site('gateway.db'));
  });

  it('restored on new hardware goes on in an epoch of its own that names both heads, and reads its readers again', async () => {
    const to = join(centre.dir, 'new-hardware');
    const args = ['--new-epoch', '--head', site('head'), '--passphrase-file', passphrase, '--json'];
    const { exitCode, out } = await cli('restore', backup, '--to', to, ...args);
    expect(exitCode).toBe(0);
    const restored = JSON.parse(out) as Restored;
    expect(restored).toMatchObject({ hasKeys: true, notes: [] });
    expect(restored.newest.seq).toBeGreaterThan(restored.head.seq);

    const other = centre.at(join(to, 'gateway.yaml'));
    const gateway = await other.startGateway();
    const client = await other.subscribe('display-2');
    await client.until((events) => events.some(({ event }) => event.logSeq > restored.newest.seq));
    const ofEpoch = client.events.filter(({ event }) => event.epoch === restored.epoch);
    expect(ofEpoch[0]?.event).toMatchObject({ seq: 1, device: 'gw-1' });
    // What the backup lacked is read off the reader again, none left out, none twice.
    const again = ofEpoch.map(({ event }) => event).filter(({ device }) => device === 'reader-1');
    expect(again.map(({ logSeq }) => logSeq)).toEqual(again.map((_, i) => restored.head.seq + 1 + i));
    expect(client.bad).toEqual([]);
    await client.mqtt.endAsync();
    const audit = await cli('reconcile', '--config', join(to, 'gateway.yaml'));
    expect(audit.out).toContain('each in exactly one state');
    await gateway.child.end();
    // The old story is kept as it was, and its marker and its database agree.
    expect(await cli('verify', '--config', centre.config)).toMatchObject({ exitCode: 0 });
  }, 90_000);
});
