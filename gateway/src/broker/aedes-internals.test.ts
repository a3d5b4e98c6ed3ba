import { PassThrough } from 'node:stream';
import type { Client } from 'aedes';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionBroker, guardParser } from './aedes-internals.js';

async function aClient(): Promise<Client> {
  const aedes = await ConnectionBroker.open({});
  const client = aedes.handle(new PassThrough());
  onTestFinished(() => {
    client.close();
    aedes.close();
  });
  return client;
}

describe('the private parts of aedes', () => {
  it('are where this version has them', async () => {
    expect(await aClient()).toMatchObject({
      will: null,
      _parser: { parse: expect.any(Function) as unknown },
    });
  });

  it('do not let an exception of the parser out', async () => {
    const client = await aClient();
    const parser: unknown = Reflect.get(client, '_parser');
    const reasons: string[] = [];
    Reflect.set(parser as object, 'parse', () => {
      throw new RangeError('out of bounds');
    });
    guardParser(client, 1_000, (reason) => reasons.push(reason));
    const { parse } = parser as { parse: (bytes: Uint8Array) => number };
    expect(parse(Buffer.from('x'))).toBe(0);
    expect(reasons).toEqual(['malformed']);
  });
});
