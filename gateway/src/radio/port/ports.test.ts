import { describe, expect, it } from 'vitest';
import { RadioFailure } from '../failure.js';
import { NativeHciPort } from './native-port.js';
import type { HciPort } from './port.js';
import { SerialHciPort } from './serial-port.js';

const HANDLERS = { packet: () => undefined, failed: () => undefined };

async function failureOf(port: HciPort): Promise<RadioFailure> {
  try {
    await port.open(HANDLERS);
  } catch (error) {
    if (error instanceof RadioFailure) return error;
    throw error;
  } finally {
    await port.close();
  }
  return expect.fail('it was opened');
}

describe('a port that cannot be opened', () => {
  it('on a serial line says that nothing is there, where, and what to do', async () => {
    const port = new SerialHciPort({ path: '/dev/no-such-dongle', baudRate: 1_000_000, flowControl: true });
    const failure = await failureOf(port);
    expect(failure.code).toBe('radio/not-found');
    expect(failure.message).toContain('/dev/no-such-dongle');
    expect(failure.remedy).toContain('Plug the adapter in');
  });

  it('of this machine’s own says why and what to do', async () => {
    const failure = await failureOf(new NativeHciPort(99));
    expect(['radio/not-found', 'radio/permission', 'radio/off']).toContain(failure.code);
    expect(failure.message).toContain('hci99');
    expect(failure.remedy).not.toBe('');
  });
});
