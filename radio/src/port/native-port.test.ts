import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RadioFailure } from '../failure.js';
import { NativeHciPort } from './native-port.js';
import { NativeSockets } from './native-sockets.js';
import { failureOf } from './port.test.support.js';

/** Fails as the addon does: what `bind` finds is thrown, and all else is emitted. */
class FakeSocket extends EventEmitter {
  thrown: string | undefined;
  emitted: string | undefined;
  bound: number | undefined;
  isStarted = false;
  isStopped = false;
  readonly written: Uint8Array[] = [];

  readonly bindUser = (adapter: number): number => {
    if (this.thrown !== undefined) throw new Error(this.thrown);
    if (this.emitted !== undefined) this.emit('error', new Error(this.emitted));
    return (this.bound = adapter);
  };
  readonly start = (): void => {
    this.isStarted = true;
  };
  readonly stop = (): void => {
    this.isStopped = true;
  };
  readonly write = (packet: Uint8Array): void => {
    if (this.emitted === undefined) this.written.push(packet);
    else this.emit('error', new Error(this.emitted));
  };
}

describe('an adapter of the kernel', () => {
  let adapters: string;
  let made: FakeSocket[];
  let next: FakeSocket;
  let sockets: NativeSockets;

  beforeEach(() => {
    adapters = mkdtempSync(join(tmpdir(), 'adapters-'));
    mkdirSync(join(adapters, 'hci0'));
    made = [];
    next = new FakeSocket();
    sockets = new NativeSockets(() => {
      made.push(next);
      return next;
    });
  });
  afterEach(() => {
    rmSync(adapters, { recursive: true });
  });

  const port = (adapter = 0): NativeHciPort => new NativeHciPort(adapter, sockets, adapters);

  it('of this machine that is not there is not found, whatever the kernel can do', async () => {
    const failure = await failureOf(new NativeHciPort(99));
    expect(failure.code).toBe('radio/not-found');
    expect(failure.message).toContain('hci99');
    expect(failure.remedy).toContain('radio.adapter');
  });

  it('that is not listed takes no socket', async () => {
    expect((await failureOf(port(1))).code).toBe('radio/not-found');
    expect(made).toEqual([]);
  });

  it.each([
    ['Operation not permitted', 'radio/permission', 'CAP_NET_ADMIN'],
    ['No such device', 'radio/not-found', 'radio.adapter'],
    ['Operation not possible due to RF-kill', 'radio/off', 'rfkill unblock bluetooth'],
    ['Device or resource busy', 'radio/busy', 'systemctl disable --now bluetooth'],
    ['Too many users', 'radio/busy', 'systemctl disable --now bluetooth'],
    ['Input/output error', 'radio/port', 'dmesg'],
  ])('that answers "%s" is %s', async (words, code, remedy) => {
    next.thrown = words;
    const failure = await failureOf(port());
    expect(failure).toMatchObject({ code, message: `hci0: ${words}` });
    expect(failure.remedy).toContain(remedy);
    expect(next.isStarted).toBe(false);
  });

  it('in a container of its own network is not found: no socket can be made there', async () => {
    next.emitted = 'Address family not supported by protocol';
    expect((await failureOf(port())).code).toBe('radio/not-found');
  });

  it('that cannot be bound costs no more sockets however often it is tried', async () => {
    next.thrown = 'Device or resource busy';
    for (let attempt = 0; attempt < 100; attempt++) await failureOf(port());
    expect(made).toHaveLength(1);
    expect(next.listenerCount('error')).toBe(0);
    next.thrown = undefined;
    const opened = port();
    await opened.open({ packet: () => undefined, failed: () => undefined });
    expect(next.bound).toBe(0);
    await opened.close();
  });

  describe('once it is open', () => {
    let packets: Uint8Array[];
    let failures: RadioFailure[];
    let opened: NativeHciPort;

    beforeEach(async () => {
      packets = [];
      failures = [];
      opened = port();
      await opened.open({
        packet: (packet) => packets.push(packet),
        failed: (failure) => failures.push(failure),
      });
    });
    afterEach(() => opened.close());

    it('passes packets both ways', () => {
      next.emit('data', Buffer.of(4, 14, 0));
      opened.write(Uint8Array.of(1, 3, 12, 0));
      expect(packets).toEqual([Uint8Array.of(4, 14, 0)]);
      expect(next.written).toEqual([Buffer.of(1, 3, 12, 0)]);
    });

    it.each(['Broken pipe', 'File descriptor in bad state', 'No such device', 'Network is down'])(
      'is unplugged when a packet meets "%s", and says so once',
      (words) => {
        next.emitted = words;
        opened.write(Uint8Array.of(1, 3, 12, 0));
        opened.write(Uint8Array.of(1, 3, 12, 0));
        expect(failures.map(({ code }) => code)).toEqual(['radio/unplugged']);
      },
    );

    it('is let go of when it is closed, once, and nothing more is heard of it', async () => {
      await opened.close();
      next.isStopped = false;
      await opened.close();
      expect(next.isStopped).toBe(false);
      next.emit('data', Buffer.of(4, 14, 0));
      expect(packets).toEqual([]);
    });

    it('gets a new socket the next time: a stopped one cannot be bound', async () => {
      await opened.close();
      next = new FakeSocket();
      await opened.open({ packet: () => undefined, failed: () => undefined });
      expect(made).toHaveLength(2);
      expect(next.isStarted).toBe(true);
    });
  });
});
