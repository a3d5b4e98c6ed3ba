/** The `bandsim` program: its commands, and what its exit codes mean. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerBands } from './bands.js';
import { registerDemo } from './demo.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { registerFactory } from './factory.js';
import { registerRadio } from './radio.js';
import { registerReader } from './reader.js';
import { registerTagReader } from './tag-reader.js';

/** Runs a command line. Returns the exit code; the event loop may still have to run empty. */
export async function run(argv: readonly string[]): Promise<number> {
  const program = new Command('bandsim')
    .description('Simulates bands, readers and whole centres, on real ports and with real bytes')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText(
      'after',
      '\nExample:\n  bandsim reader --site dahaiyang --issuer-key issuer-key.pem --rate 30',
    );
  registerReader(program);
  registerTagReader(program);
  registerFactory(program);
  registerRadio(program);
  registerBands(program);
  registerDemo(program);
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CommandFailure) {
      console.error(`bandsim: ${error.message}`);
      return error.exitCode;
    }
    console.error(`bandsim: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failed;
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}
