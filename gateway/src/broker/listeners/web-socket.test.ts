import { describe, expect, it } from 'vitest';
import { closed, until } from '../broker.test.support.js';
import { askHttp, dial, startWith, upgrade } from './listeners.test.support.js';

const firstLine = (answer: string): string => answer.split('\r\n', 1)[0] ?? '';

describe('a listener for WebSocket', () => {
  it.each([
    ['another path', upgrade({}, '/other'), 'HTTP/1.1 404 Not Found'],
    ['a page that was not allowed', upgrade({ Origin: 'https://evil.example' }), 'HTTP/1.1 403 Forbidden'],
    ['another protocol', upgrade({ 'Sec-WebSocket-Protocol': 'chat' }), 'HTTP/1.1 400 Bad Request'],
    ['no WebSocket', ['GET /mqtt HTTP/1.1', 'Host: localhost'], 'HTTP/1.1 426 Upgrade Required'],
  ])('refuses %s', async (_, lines, expected) => {
    const broker = await startWith('ws', {}, { allowedOrigins: ['https://console.example'] });
    expect(firstLine(await askHttp(await dial(broker), ...lines))).toBe(expected);
    await until(() => broker.stats().connections === 0);
  });

  it('takes a page that was allowed', async () => {
    const broker = await startWith('ws', {}, { allowedOrigins: ['https://console.example'] });
    const socket = await dial(broker);
    const answered = new Promise<string>((resolve) => {
      socket.once('data', (bytes) => {
        resolve(bytes.toString());
      });
    });
    socket.write([...upgrade({ Origin: 'https://console.example' }), '', ''].join('\r\n'));
    expect(firstLine(await answered)).toBe('HTTP/1.1 101 Switching Protocols');
  });
});

describe('connections', () => {
  it('from one address are limited, those from this machine itself are not, and one that ends makes room', async () => {
    const broker = await startWith('tcp', { connections: { total: 5, perAddress: 2 } });
    const far = [await dial(broker, { from: '127.0.0.2' }), await dial(broker, { from: '127.0.0.2' })];
    await closed(await dial(broker, { from: '127.0.0.2' }));
    expect(broker.counters.of('broker/refused address')).toBe(1);
    far[0]?.destroy();
    await until(() => broker.stats().connections === 1);
    await dial(broker, { from: '127.0.0.2' });
    for (let i = 0; i < 3; i++) await dial(broker);
    await until(() => broker.stats().connections === 5);
    await closed(await dial(broker));
    expect(broker.counters.of('broker/refused connections')).toBe(1);
  });
});
