import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bandctl } from '../test-support/bandctl.js';
import {
  type Answers,
  certificate,
  FakeDevice,
  goodAnswers,
  issuerCertificate,
  NOW,
  refusal,
} from '../test-support/device.js';
import { EXIT } from './exit-codes.js';

const device = (answers: Partial<Answers>): FakeDevice => new FakeDevice({ ...goodAnswers, ...answers });
const INFO = 'info --port /dev/ttyUSB0';

describe('--traffic', () => {
  it('shows what passes on the link beside what the command says', async () => {
    const { out, err } = await bandctl('info --port /dev/ttyUSB0 --json --traffic');
    expect(out).toHaveLength(1);
    expect(err).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^[\d:.]+ fake → SMP packet, 9 bytes: OS parameters asks$/),
        expect.stringMatching(/ fake ← SMP packet, \d+ bytes: status answers: head 42/),
      ]),
    );
  });
});

describe('bandctl', () => {
  it('explains itself with an example and its exit codes, and says what it cannot do yet', async () => {
    const { exitCode, out } = await bandctl('--help');
    expect(exitCode).toBe(EXIT.ok);
    expect(out.join('\n')).toMatch(/Looks after[\s\S]*Exit codes:[\s\S]*Example:/);
    expect((await bandctl('info --help')).out.join('\n')).toContain('Examples:');
  });

  it.each([
    '',
    'info',
    'nonsense',
    'info --port x --baud fast',
    'info --port x --timeout 0',
    'info --port x --colour',
  ])('ends with 2 on wrong usage: "bandctl %s"', async (line) => {
    const { exitCode, err, out } = await bandctl(line);
    expect(exitCode).toBe(EXIT.usage);
    expect(err.join('')).not.toBe('');
    expect(out).toEqual([]);
  });
});

describe('bandctl info', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bandctl-'));
    writeFileSync(join(dir, 'issuer.cwt'), issuerCertificate);
    writeFileSync(join(dir, 'reader.cwt'), certificate);
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  it('describes the device and lets go of the port', async () => {
    const link = new FakeDevice();
    const { exitCode, out, err } = await bandctl(INFO, { '/dev/ttyUSB0': link });
    expect([exitCode, err]).toEqual([EXIT.ok, []]);
    expect(out.join('\n')).toMatch(/reader-1, reader at dahaiyang[\s\S]*not verified/);
    expect(link.closed).toBe(true);
  });

  it('prints one JSON object a line for programs, failures among them', async () => {
    const ports = { '/dev/a': new FakeDevice(), '/dev/b': 'Permission denied' };
    const { exitCode, out } = await bandctl('info --port /dev/* --json', ports);
    const [first, second] = out.map((line) => JSON.parse(line) as unknown);
    expect(first).toMatchObject({ port: '/dev/a', device: 'reader-1', log: { waiting: 22 } });
    expect(second).toMatchObject({ port: '/dev/b', error: { code: 'link/open' } });
    expect(exitCode).toBe(EXIT.notReachable);
  });

  it("verifies the device's certificate against the issuer's", async () => {
    const { exitCode, out } = await bandctl(`${INFO} --issuer ${join(dir, 'issuer.cwt')}`);
    expect(exitCode).toBe(EXIT.ok);
    expect(out.join('\n')).toMatch(/certificate .* verified/);
    expect(out.join('\n')).not.toContain('not verified');
  });

  it('ends with 4 when the certificate does not hold, and says so', async () => {
    const line = `${INFO} --issuer ${join(dir, 'issuer.cwt')}`;
    const { exitCode, err } = await bandctl(
      line,
      {
        '/dev/ttyUSB0': new FakeDevice(goodAnswers),
      },
      { now: () => NOW + 1_000 },
    );
    expect(exitCode).toBe(EXIT.refused);
    expect(err.join('\n')).toContain('do not trust the device on /dev/ttyUSB0: the certificate has expired');
  });

  it("ends with 3 or 4 when the issuer's certificate cannot be had, or is none", async () => {
    expect((await bandctl(`${INFO} --issuer ${join(dir, 'nowhere.cwt')}`)).exitCode).toBe(EXIT.notReachable);
    const { exitCode, err } = await bandctl(`${INFO} --issuer ${join(dir, 'reader.cwt')}`);
    expect(exitCode).toBe(EXIT.refused);
    expect(err.join('')).toContain('issuer.cwt that the site was made with');
  });

  it('ends with 3 when there is no such port', async () => {
    const { exitCode, err } = await bandctl(INFO, {});
    expect(exitCode).toBe(EXIT.notReachable);
    expect(err.join('')).toContain('Is the device plugged in?');
  });

  it.each([
    ['Error Resource temporarily unavailable Cannot lock port', 'stop the gateway'],
    ['Error: Permission denied', 'join the group'],
    ['Inappropriate ioctl for device', 'no serial port'],
    ['No such file or directory', 'ls /dev/serial/by-id'],
  ])('ends with 3 when the port does not open (%s), and says what to do', async (reason, hint) => {
    const { exitCode, err } = await bandctl(INFO, { '/dev/ttyUSB0': reason });
    expect(exitCode).toBe(EXIT.notReachable);
    expect(err.join('')).toContain(hint);
  });

  it('ends with 3 when nothing answers, 5 when it stops answering, 4 when it refuses', async () => {
    const impatient = `${INFO} --timeout 1`;
    const silent = await bandctl(impatient, { '/dev/ttyUSB0': device({ parameters: 'silence' }) });
    expect(silent.exitCode).toBe(EXIT.notReachable);
    expect(silent.err.join('')).toContain('nothing answers on /dev/ttyUSB0');
    const incomplete = await bandctl(impatient, { '/dev/ttyUSB0': device({ status: 'silence' }) });
    expect(incomplete.exitCode).toBe(EXIT.failed);
    const refused = await bandctl(INFO, { '/dev/ttyUSB0': device({ identity: refusal(11) }) });
    expect(refused.exitCode).toBe(EXIT.refused);
    expect(refused.err.join('')).toContain('refused "identity" with 11');
  });

  it('goes on to the next port after one that fails, and ends with the first failure', async () => {
    const ports = {
      '/dev/a': device({ identity: refusal(11) }),
      '/dev/b': new FakeDevice(),
      '/dev/c': 'busy',
    };
    const { exitCode, out } = await bandctl('info --port /dev/*', ports);
    expect(exitCode).toBe(EXIT.refused);
    expect(out.join('\n')).toContain('/dev/b');
  });

  it('ends on Ctrl-C at once, with the port closed and the other ports left alone', async () => {
    let interrupt = (): void => undefined;
    const waiting = new FakeDevice({ ...goodAnswers, identity: 'silence' }, () => {
      interrupt();
    });
    const next = new FakeDevice();
    const { exitCode } = await bandctl(
      'info --port /dev/*',
      { '/dev/a': waiting, '/dev/b': next },
      {
        onInterrupt: (action) => {
          interrupt = action;
          return () => undefined;
        },
      },
    );
    expect(exitCode).toBe(EXIT.interrupted);
    expect([waiting.closed, next.asked]).toEqual([true, []]);
  });
});
