import { describe, expect, it } from 'vitest';
import { isNeeded } from './prune.js';

const machine = { platform: 'linux', arch: 'x64' };
const published = (name: string) => ({ name, isOurs: false, files: [] });
const ours = { name: '@timeband/gateway', isOurs: true, files: ['bin', 'dist', 'catalogue.csv', 'dist-old'] };

describe('what of a package goes onto a box', () => {
  it.each([
    ['usb', 'prebuilds/linux-x64/node.napi.glibc.node', true],
    ['usb', 'prebuilds/linux-x64/node.napi.musl.node', false],
    ['usb', 'prebuilds/linux-arm64/node.napi.armv8.node', false],
    ['usb', 'prebuilds/darwin-x64+arm64/node.napi.node', false],
    ['better-sqlite3', 'build/Release/better_sqlite3.node', true],
    ['better-sqlite3', 'build/Release/obj/gen/sqlite3/sqlite3.c', false],
    ['better-sqlite3', 'deps/sqlite3/sqlite3.c', false],
    ['pino', 'lib/proto.js', true],
    ['pino', 'test/basic.test.js', false],
    ['pino', 'pino.d.ts', false],
    ['date-fns', 'locale/zh-CN.js', false],
    ['date-fns', 'locale/en-US.js', true],
    ['usb', 'LICENSE.md', true],
  ])('%s/%s: %s', (name, path, needed) => {
    expect(isNeeded(published(name), path, machine)).toBe(needed);
  });

  it.each([
    ['dist/bin.js', true],
    ['bin/timeband-gateway.js', true],
    ['package.json', true],
    ['catalogue.csv', true],
    ['dist/ops/check.test.js', false],
    ['dist/audit/site.test.support.js', false],
    ['dist/bin.js.map', false],
    ['src/bin.ts', false],
    ['tsconfig.json', false],
  ])('of our own %s: %s', (path, needed) => {
    expect(isNeeded(ours, path, machine)).toBe(needed);
  });
});
