import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askControl, serveControl } from './control.js';

describe('the control socket', () => {
  let dir: string;
  let socket: string;
  let close: () => Promise<void>;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'control-'));
    socket = join(dir, 'control.sock');
    close = await serveControl(socket, {
      '/status': () => ({ is: 'well' }),
      '/double': (query) => {
        const number = Number(query.get('of'));
        return number > 9 ? Promise.reject(new Error('too many')) : number > 0 ? number * 2 : undefined;
      },
    });
  });
  afterEach(async () => {
    await close();
    rmSync(dir, { recursive: true });
  });

  const double = (of: number): Promise<unknown> =>
    askControl(socket, { path: '/double', query: { of }, timeoutMs: 5_000 });

  it('is its owner’s alone', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it('says how the gateway is unless it is asked something else', async () => {
    expect(await askControl(socket)).toEqual({ is: 'well' });
    expect(await double(4)).toBe(8);
  });

  it('tells what there is not from what went wrong', async () => {
    await expect(double(0)).rejects.toMatchObject({ name: 'ControlError', reason: 'not-found' });
    await expect(double(10)).rejects.toMatchObject({ reason: 'failed', message: 'too many' });
    await expect(askControl(socket, { path: '/nothing', timeoutMs: 5_000 })).rejects.toMatchObject({
      reason: 'not-found',
    });
  });

  it('answers paths that are none, and names that every object has, as not found', async () => {
    for (const path of ['/constructor', '//', '/__proto__']) {
      const status = await new Promise((resolve, reject) => {
        request({ socketPath: socket, path }, ({ statusCode }) => {
          resolve(statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect([404, 500]).toContain(status);
    }
    expect(await askControl(socket)).toEqual({ is: 'well' });
  });
});
