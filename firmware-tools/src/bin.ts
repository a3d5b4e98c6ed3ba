#!/usr/bin/env node
/** `bandctl` */
import { run } from './cli/program.js';

// Whoever reads the output may stop, as `head` does: what is under way on a device goes on all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv);
