#!/usr/bin/env node
/** `bandctl` */
import { run } from './cli/program.js';

// Whoever reads the output may stop, as `head` does: nothing is wrong with that, and nobody is left to print for.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv);
