import { PassThrough } from 'node:stream';
import { Aedes, type Client } from 'aedes';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guardParser, separatePacketIds } from './aedes-internals.js';
import { LAST_ID } from './send-window.js';

async function aClient(): Promise<Client> {
  const aedes = await Aedes.createBroker();
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
      _nextId: expect.any(Number) as unknown,
      _parser: { parse: expect.any(Function) as unknown },
    });
  });

  it('give packet identifiers above those of the event pump, also when they wrap', async () => {
    const client = await aClient();
    Reflect.set(client, '_nextId', 5);
    separatePacketIds(client);
    const next = (): unknown => Reflect.get(client, '_nextId');
    expect(next()).toBe(LAST_ID + 1);
    for (const [given, taken] of [
      [LAST_ID + 2, LAST_ID + 2],
      [65_535, 65_535],
      [1, LAST_ID + 1],
      [65_536, LAST_ID + 1],
    ]) {
      Reflect.set(client, '_nextId', given);
      expect(next()).toBe(taken);
    }
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
