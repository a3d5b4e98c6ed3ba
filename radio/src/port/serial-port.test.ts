import { describe, expect, it } from 'vitest';
import { failureOf } from './port.test.support.js';
import { SerialHciPort } from './serial-port.js';

describe('a controller on a serial line that cannot be opened', () => {
  it('says that nothing is there, where, and what to do', async () => {
    const port = new SerialHciPort({ path: '/dev/no-such-dongle', baudRate: 1_000_000, flowControl: true });
    const failure = await failureOf(port);
    expect(failure.code).toBe('radio/not-found');
    expect(failure.message).toContain('/dev/no-such-dongle');
    expect(failure.remedy).toContain('Plug the adapter in');
  });

  it('because it is no serial line says where', async () => {
    const failure = await failureOf(
      new SerialHciPort({ path: '/dev/null', baudRate: 1_000_000, flowControl: true }),
    );
    expect(failure).toMatchObject({
      code: 'radio/port',
      message: expect.stringContaining('/dev/null') as string,
    });
  });
});
