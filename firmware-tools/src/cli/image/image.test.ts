import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bandctl } from '../../test-support/bandctl.js';

let dir: string;
const at = (name: string): string => join(dir, name);
const image = (...args: readonly string[]) => bandctl(['image', ...args], {});
const SIGN = ['--version', '2.1.7', '--slot-size', '0x2000', '--pad-header', '--max-sectors', '8'] as const;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bandctl-image-'));
  writeFileSync(at('app.bin'), Buffer.alloc(1_000, 0x5a));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

describe('bandctl image', () => {
  it.each(['ed25519', 'ecdsa-p256'])(
    'makes a key, signs, verifies with the public half, and shows: %s',
    async (type) => {
      expect(await image('keygen', '--type', type, at('key.pem'))).toMatchObject({ exitCode: 0 });
      expect(statSync(at('key.pem')).mode & 0o777).toBe(0o600);
      await image('pubkey', '--key', at('key.pem'), '--output', at('pub.pem'));
      const signed = await image(
        'sign',
        '-k',
        at('key.pem'),
        ...SIGN,
        '-s',
        'auto',
        at('app.bin'),
        at('app.signed.hex'),
        '-x',
        '0x8000',
      );
      expect(signed).toMatchObject({ exitCode: 0 });
      expect(await image('verify', '-k', at('pub.pem'), at('app.signed.hex'))).toMatchObject({ exitCode: 0 });
      const info = await image('info', '--json', at('app.signed.hex'));
      expect(JSON.parse(info.out[0] ?? '')).toMatchObject({
        version: '2.1.7',
        program: 1_000,
        securityCounter: 0x0201_0007,
        signature: type,
      });
    },
  );

  it('refuses an image that was changed, and says why', async () => {
    await image('keygen', at('key.pem'));
    await image('sign', '-k', at('key.pem'), ...SIGN, at('app.bin'), at('app.signed.bin'));
    const bytes = readFileSync(at('app.signed.bin'));
    bytes[700] = (bytes[700] ?? 0) ^ 1;
    writeFileSync(at('app.signed.bin'), bytes);
    const { exitCode, out } = await image('verify', '-k', at('key.pem'), at('app.signed.bin'));
    expect({ exitCode, out }).toMatchObject({ exitCode: 4, out: [expect.stringContaining('image/hash')] });
  });

  it('refuses a private key that others can read, and says what to do', async () => {
    await image('keygen', at('key.pem'));
    chmodSync(at('key.pem'), 0o644);
    const { exitCode, err } = await image('sign', '-k', at('key.pem'), ...SIGN, at('app.bin'), at('x.bin'));
    expect({ exitCode, err }).toMatchObject({ exitCode: 4, err: [expect.stringContaining('chmod 600')] });
  });

  it('never writes a key over another file', async () => {
    await image('keygen', at('key.pem'));
    const before = readFileSync(at('key.pem'), 'utf8');
    expect(await image('keygen', at('key.pem'))).toMatchObject({ exitCode: 4 });
    expect(readFileSync(at('key.pem'), 'utf8')).toBe(before);
  });

  it('asks for the passphrase of an encrypted key, and takes it from a file', async () => {
    writeFileSync(at('passphrase'), 'three blind mice\n');
    await image('keygen', '--passphrase-file', at('passphrase'), at('key.pem'));
    expect(readFileSync(at('key.pem'), 'utf8')).toContain('ENCRYPTED');
    const sign = ['image', 'sign', '-k', at('key.pem'), ...SIGN, at('app.bin'), at('app.signed.bin')];
    const answered = (answer: string) => bandctl(sign, {}, { askSecret: () => Promise.resolve(answer) });
    expect(await answered('three blind mice')).toMatchObject({ exitCode: 0 });
    expect(await answered('wrong')).toMatchObject({
      exitCode: 4,
      err: [expect.stringContaining('is another')],
    });
    expect(await bandctl([...sign, '--passphrase-file', at('passphrase')], {})).toMatchObject({
      exitCode: 0,
    });
  });

  it('does not make a key when the passphrase was typed differently the second time', async () => {
    const answers = ['one', 'two'];
    const askSecret = () => Promise.resolve(answers.shift() ?? '');
    expect(await bandctl(['image', 'keygen', '--encrypt', at('key.pem')], {}, { askSecret })).toMatchObject({
      exitCode: 2,
    });
    expect(statSync(at('key.pem'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each([
    [['--version', '1.2.x'], 'no version'],
    [['--align', '3'], 'alignment'],
    [['--depends', '1'], '1@1.4.0'],
    [['--custom', 'a1=zz'], '0x00a1=c0ffee'],
  ])('calls %j wrong usage', async (args, message) => {
    await image('keygen', at('key.pem'));
    const { exitCode, err } = await image(
      'sign',
      '-k',
      at('key.pem'),
      ...SIGN,
      ...args,
      at('app.bin'),
      at('x.bin'),
    );
    expect(exitCode).toBe(2);
    expect(err.join('\n')).toContain(message);
  });

  it('prints a public key as C', async () => {
    await image('keygen', at('key.pem'));
    const { out } = await image('pubkey', '-k', at('key.pem'), '--format', 'c');
    expect(out[0]).toMatch(/const unsigned char ed25519_pub_key\[\] = \{\n {4}0x30, 0x2a, /);
    expect(out[0]).toContain('ed25519_pub_key_len = 44;');
  });
});
