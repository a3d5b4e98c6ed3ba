import { existsSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  call,
  COMMAND,
  PrivateKey,
  readUnverifiedCertificate,
  SmpClient,
  TrustStore,
} from '@timeband/protocol';
import { openSerialLink } from '@timeband/protocol/serial';
import { createSimulatedReader } from '../reader.js';
import { SITE } from '../test-support/gateway.js';
import { SerialReader } from './serial-reader.js';

const issuerKey = PrivateKey.generate();
let dir: string;
let link: string;
let serial: SerialReader;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bandsim-'));
  link = join(dir, 'reader-1');
  serial = new SerialReader(createSimulatedReader({ site: SITE, issuerKey }), { link });
});

afterEach(() => {
  serial.unplug();
  rmSync(dir, { recursive: true });
});

async function certificateOver(path: string) {
  const client = new SmpClient(await openSerialLink({ path }));
  try {
    return await call(client, COMMAND.certificate, undefined);
  } finally {
    await client.close();
  }
}

describe('a reader on a pseudo-terminal', () => {
  it('answers a real serial port, again after the port was closed and opened', async () => {
    const trust = new TrustStore([issuerKey.publicKey]);
    for (let i = 0; i < 3; i++) {
      const certificate = await certificateOver(link);
      expect(trust.verify(certificate, { roles: ['reader'], site: SITE }).subject).toBe('reader-1');
    }
  });

  it('hangs up when it is unplugged, and is found behind the same link when plugged in again', async () => {
    const before = serial.path;
    const closed = new Promise<void>((resolve) => {
      void openSerialLink({ path: link }).then((port) => {
        new SmpClient(port, {
          onClosed: () => {
            resolve();
          },
        });
        serial.unplug();
      });
    });
    await closed;
    expect(before).toBeDefined();
    expect(serial.path).toBeUndefined();
    expect(existsSync(link)).toBe(false);
    serial.plug();
    expect(readlinkSync(link)).toBe(serial.path);
    expect(readUnverifiedCertificate(await certificateOver(link)).subject).toBe('reader-1');
  });

  it('leaves a link alone that another reader has taken over', () => {
    rmSync(link);
    symlinkSync('/dev/null', link);
    serial.unplug();
    expect(readlinkSync(link)).toBe('/dev/null');
  });
});
