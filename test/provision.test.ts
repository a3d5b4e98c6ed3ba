/** Devices from their factory to a site that knows them: interrupted anywhere, and then at work. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Desk, provisionDevice, wipeDevice } from '@timeband/firmware-tools';
import {
  issueCertificate,
  KIND,
  type Link,
  type LinkHandlers,
  PrivateKey,
  readEnrol,
  decodeRecord,
  type PublicKey,
  type Role,
  SmpClient,
} from '@timeband/protocol';
import { Child, FactoryDevice, memoryLink, runJson } from '@timeband/simulator';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BANDCTL_BIN, BANDSIM_BIN, Centre, GATEWAY_BIN, SITE } from './support/centre.js';

const NOW = Math.floor(Date.now() / 1_000);
const issuerKey = PrivateKey.generate();
const certify = (subject: string, role: Role, key: PublicKey): Uint8Array =>
  issueCertificate(issuerKey, {
    ...{ issuer: 'issuer-1', subject, role, site: SITE, key },
    ...{ notBefore: NOW - 100, expires: NOW + 1_000_000 },
  });
const issuer = certify('issuer-1', 'issuer', issuerKey.publicKey);
const operatorKey = PrivateKey.generate();
const master = new Uint8Array(32).fill(9);

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'provision-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const openDesk = (name = 'register.txt'): Desk =>
  new Desk({ issuerKey, issuer, register: join(dir, name), master, operatorKey, now: () => NOW });
const newDevice = (macs = false): FactoryDevice =>
  new FactoryDevice({ serial: 'sn-1', role: 'band', macs, slots: 64, settings: { signMs: 0 } });

/** The device's cable, on which the power fails after so many packets, or when the flash was cut. */
function cable(device: FactoryDevice, packets: number): Link {
  device.powerUp();
  const inner = memoryLink(device);
  let left = packets;
  const cut = (): void => {
    device.powerDown();
    inner.unplug();
  };
  return {
    name: 'cable',
    start: (handlers: LinkHandlers) => {
      inner.start(handlers);
    },
    send: (packet) => {
      if (left-- <= 0) {
        cut();
        return;
      }
      inner.send(packet);
      if (device.state === 'off') cut();
    },
    close: () => inner.close(),
  };
}

describe('a device on a desk', () => {
  it('gets there wherever it is unplugged, once, with the key that it made', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.nat({ max: 14 }), { maxLength: 6 }),
        fc.array(fc.nat({ max: 2_500 }), { maxLength: 3 }),
        async (macs, packets, flash) => {
          const name = `register-${++run}.txt`;
          const device = newDevice(macs);
          const attempt = async (count: number, cutAt: number | undefined) => {
            // Every attempt at a desk that was closed and opened: its program was ended too.
            const desk = openDesk(name);
            const link = cable(device, count);
            if (cutAt !== undefined) device.keys.cutAfter(cutAt);
            try {
              return await provisionDevice(new SmpClient(link, { timeoutMs: 50, retries: 0 }), desk, {
                account: 'account-1',
              });
            } catch {
              return undefined;
            } finally {
              await link.close();
              desk.close();
            }
          };
          for (const [i, count] of packets.entries()) await attempt(count, flash[i]);
          device.powerDown();
          const made = await attempt(Infinity, undefined);
          const desk = openDesk(name);
          const issued = desk.register.entries.filter(({ note }) => note.what === 'issued');
          desk.close();
          expect(made).toMatchObject({ device: 'band-1', account: 'account-1' });
          expect(issued).toHaveLength(1);
          const reader = device.reader?.reader;
          expect(reader?.factory().thumbprint).toEqual(made?.thumbprint);
          const enrolments = (reader?.records(1, () => true) ?? [])
            .map((bytes) => decodeRecord(bytes))
            .filter(({ kind }) => kind === KIND.enrol);
          expect(enrolments.map(({ body }) => readEnrol(body).action.band)).toEqual(['band-1']);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is not provisioned twice, keeps what residents did, and forgets on the issuer’s word', async () => {
    const device = newDevice();
    const desk = openDesk();
    const client = (): SmpClient => new SmpClient(cable(device, Infinity), { timeoutMs: 50 });
    await provisionDevice(client(), desk, {});
    expect((await provisionDevice(client(), desk, {})).already).toBe(true);
    const elsewhere = openDesk('elsewhere.txt');
    await expect(provisionDevice(client(), elsewhere, {})).rejects.toThrow(/not by this register/);
    elsewhere.close();
    device.reader?.reader.tap({
      ...{ direction: 'in', service: 101 },
      proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3) },
    });
    await expect(wipeDevice(client(), desk, false)).rejects.toThrow(/acknowledged/);
    expect(device.state).toBe('provisioned');
    expect(await wipeDevice(client(), desk, true)).toMatchObject({ device: 'band-1', forced: true });
    expect(device.state).toBe('blank');
    expect((await wipeDevice(client(), desk, false)).already).toBe(true);
    expect((await provisionDevice(client(), desk, {})).device).toBe('band-2');
    desk.close();
  });
});

describe('a reader that was provisioned on a real port', () => {
  it('works with a gateway that imported the register, once and again', { timeout: 90_000 }, async () => {
    const centre = await Centre.create();
    const crate = new Child('the crate', [
      ...[BANDSIM_BIN, 'factory', '--json', '--links', centre.readerDir, '--serial', 'hall'],
    ]);
    try {
      const ready = await crate.expect((message) => (message['event'] === 'ready' ? message : undefined));
      const site = ['--issuer-key', centre.issuerKey, '--issuer', centre.issuerCertificate];
      const made = await runJson([
        ...[BANDCTL_BIN, 'provision', '--json', '--port', String(ready['port']), ...site],
      ]);
      expect(made).toMatchObject({ device: 'reader-1', serial: 'hall-1', already: false });
      const register = join(centre.dir, 'stick.txt');
      const bring = async () => {
        copyFileSync(join(centre.issuerKey, '..', 'register.txt'), register);
        return runJson([GATEWAY_BIN, 'register', 'import', register, '--json', '--config', centre.config]);
      };
      expect(await bring()).toMatchObject({ entries: 3, added: 3, devices: 1 });
      expect(await bring()).toMatchObject({ entries: 3, added: 0, devices: 1 });
      await centre.startGateway();
      const client = await centre.subscribe();
      crate.tell('tap 1 04a1b2c3d4e5f6 in');
      await client.until((events) => events.some(({ event }) => event.type === 'punch'));
      expect(client.bad).toEqual([]);
      await runJson([BANDCTL_BIN, 'revoke', 'reader-1', '--json', ...site]);
      expect(await bring()).toMatchObject({ added: 1, revocations: true });
      expect(readFileSync(register, 'utf8')).toContain('timeband-register 1');
    } finally {
      await crate.end();
      await centre.close();
    }
  });
});
