import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { bandctl } from '../../test-support/bandctl.js';
import { realEnvironment } from '../environment.js';
import { EXIT } from '../exit-codes.js';
import { buildProgram } from '../program.js';
import { type CommandShape, everyCommand, shapeOf } from './tree.js';

let commands: CommandShape[] = [];
beforeAll(async () => {
  commands = everyCommand(shapeOf(await buildProgram(undefined, realEnvironment)));
});

async function script(shell: string): Promise<string> {
  const { out, exitCode } = await bandctl(['completion', shell]);
  expect(exitCode).toBe(EXIT.ok);
  return out.join('\n');
}

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s knows every command, option and choice', async (shell) => {
    const text = await script(shell);
    for (const { path, options } of commands) {
      for (const word of path) expect(text).toContain(word);
      for (const { names, value } of options) {
        const long = names.find((name) => name.startsWith('--')) ?? '';
        expect(text, path.join(' ')).toContain(shell === 'fish' ? `-l ${long.slice(2)} ` : long);
        for (const choice of value?.choices ?? []) expect(text).toContain(choice);
      }
    }
  });

  it('completes in bash as people type', async () => {
    const complete = (...words: readonly string[]): string =>
      `COMP_WORDS=(bandctl ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; COMPREPLY=(); _bandctl; echo "\${COMPREPLY[*]}"`;
    const lines = [
      'cd /',
      await script('bash'),
      complete('do'),
      complete('image', 'k'),
      complete('image', 'keygen', '--type', 'e'),
      complete('info', '--is'),
      complete('logs', '--json', '--fol'),
      complete('completion', 'z'),
      complete('decode', 'etc/host'),
    ];
    const { stdout, stderr } = spawnSync('bash', ['--norc'], { input: lines.join('\n'), encoding: 'utf8' });
    expect(stderr).toBe('');
    const [command, below, choice, option, after, shell, file] = stdout.split('\n');
    expect(command).toBe('doctor');
    expect(below).toBe('keygen');
    expect(choice?.split(' ')).toEqual(expect.arrayContaining(['ed25519']));
    expect(option).toBe('--issuer');
    expect(after).toBe('--follow');
    expect(shell).toBe('zsh');
    expect(file?.split(' ')).toContain('etc/hosts');
  });

  it('refuses a shell that it does not know', async () => {
    expect((await bandctl('completion tcsh')).exitCode).toBe(EXIT.usage);
  });
});

describe('every command', () => {
  it('prints JSON where a program would read it', () => {
    const silent = commands
      .filter(({ path, commands: below }) => path.length > 0 && below.length === 0)
      .filter(({ options }) => options.every(({ names }) => !names.includes('--json')))
      .map(({ path }) => path.join(' '));
    expect(silent).toEqual(['completion']);
  });
});
