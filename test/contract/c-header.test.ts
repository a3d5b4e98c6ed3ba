/** The published C header: what the code says, and what C compilers for desks and for microcontrollers take without a word. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ARM_GCC, ensureDebian, GCC, INSTALL_TIMEOUT_MS } from '../support/debian.js';
import { cHeader, macroName, SECTIONS } from './c-header.js';

const published = fileURLToPath(new URL('../../protocol/timeband.h', import.meta.url));
const numbers = SECTIONS.flatMap(({ prefix, values }) =>
  Object.entries(values).map(([name, value]) => ({ macro: macroName(prefix, name), value })),
);

const dir = mkdtempSync(join(tmpdir(), 'timeband-header-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
function source(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}
const header = source('timeband.h', cHeader());
const STRICT = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-include', header];

describe('the C header', () => {
  it('is published as the protocol says it', async () => {
    await expect(cHeader()).toMatchFileSnapshot(published);
  });

  it('gives no two numbers one name', () => {
    expect(new Set(numbers.map(({ macro }) => macro)).size).toBe(numbers.length);
  });

  it('means the same numbers to a compiler', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    const lines = numbers.map(({ macro }) => `  printf("%ld\\n", (long)(${macro}));`);
    const uuid = 'static const unsigned char service[16] = TB_BLE_SMP_SERVICE_UUID;';
    const main = `#include <stdio.h>\n${uuid}\nint main(void) {\n${lines.join('\n')}\n  printf("%d\\n", service[15]);\n  return 0;\n}\n`;
    const program = join(dir, 'numbers');
    execFileSync(await ensureDebian(GCC), [...STRICT, '-o', program, source('numbers.c', main)]);
    const printed = execFileSync(program, { encoding: 'utf8' }).trim().split('\n').map(Number);
    expect(printed).toEqual([...numbers.map(({ value }) => value), 0x84]);
  });

  it('compiles for a microcontroller', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    const uuid = 'const unsigned char characteristic[16] = TB_BLE_SMP_CHARACTERISTIC_UUID;';
    const sum = numbers.map(({ macro }) => macro).join(' + ');
    const unit = source('unit.c', `${uuid}\nlong sum(void);\nlong sum(void) { return 0L + ${sum}; }\n`);
    const target = ['-mcpu=cortex-m4', '-mthumb', '-ffreestanding', '-c', '-o', join(dir, 'unit.o')];
    execFileSync(await ensureDebian(ARM_GCC), [...STRICT, ...target, unit]);
  });
});
