import { describe, expect, it } from 'vitest';
import { openSerialLink } from './link.js';

describe('a serial link', () => {
  it('that cannot be opened says which port and why', async () => {
    await expect(openSerialLink({ path: '/dev/no-such-port' })).rejects.toMatchObject({
      name: 'LinkError',
      code: 'link/open',
      detail: { path: '/dev/no-such-port' },
    });
  });
});
