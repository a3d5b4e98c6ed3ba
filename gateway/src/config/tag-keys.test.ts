import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCertificates, TagKeys } from './tag-keys.js';

const KEY = '000102030405060708090a0b0c0d0e0f';

describe('what a technician brings', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tag-keys-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const file = (content: string): string => {
    const path = join(dir, 'tag-keys.json');
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };

  it('is a key for each tag, by UID, and one for their encrypted data', () => {
    const keys = TagKeys.load(file(JSON.stringify({ metaReadKey: KEY, tags: { '04A1B2C3D4E5F6': KEY } })));
    expect(keys.tag(fromHex('04a1b2c3d4e5f6'))).toEqual(fromHex(KEY));
    expect(keys.tag(fromHex('04a1b2c3d4e5f7'))).toBeUndefined();
    expect(keys.metaReadKey).toEqual(fromHex(KEY));
    expect(JSON.stringify(keys)).not.toContain('0001');
  });

  it.each([
    ['is not JSON', 'tags:'],
    ['has a key of another length', JSON.stringify({ tags: { '04a1b2c3d4e5f6': KEY.slice(2) } })],
    ['has a UID of another length', JSON.stringify({ tags: { '04a1b2': KEY } })],
    ['holds a master', JSON.stringify({ master: KEY, tags: {} })],
  ])('is refused when it %s, without saying what is in it', (_, content) => {
    let message = '';
    try {
      TagKeys.load(file(content));
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('tag-keys.json');
    expect(message).not.toContain(KEY.slice(2));
  });

  it('is refused when others could read it', () => {
    const path = file(JSON.stringify({ tags: {} }));
    chmodSync(path, 0o644);
    expect(() => TagKeys.load(path)).toThrow(/chmod 600/);
  });

  it('are the certificates in a folder, and nothing else in it', () => {
    const folder = join(dir, 'bands');
    mkdirSync(folder);
    writeFileSync(join(folder, 'band-7.cwt'), Uint8Array.of(1, 2));
    writeFileSync(join(folder, 'README'), 'bands');
    expect(loadCertificates(folder).map((bytes) => [...bytes])).toEqual([[1, 2]]);
    expect(() => loadCertificates(join(dir, 'nowhere'))).toThrow(/cannot read the certificates/);
  });
});
