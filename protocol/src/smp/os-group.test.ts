import { describe, expect, it } from 'vitest';
import { OS_GROUP, parametersRequest, readParameters } from './os-group.js';

describe('the parameters of a server', () => {
  it('are asked of the OS group', () => {
    expect(parametersRequest).toMatchObject({ op: 'read', group: OS_GROUP, id: 6, idempotent: true });
  });

  it.each([
    ['as it says', { buf_size: 1024, buf_count: 4 }, { bufferBytes: 1024, bufferCount: 4 }],
    ['by default where it says nothing', {}, { bufferBytes: 384, bufferCount: 1 }],
    [
      'by default where it says nonsense',
      { buf_size: 1, buf_count: 'x' },
      { bufferBytes: 384, bufferCount: 1 },
    ],
  ])('are read %s', (_, said, read) => {
    expect(readParameters(new Map<string, number | string>(Object.entries(said)))).toEqual(read);
  });
});
