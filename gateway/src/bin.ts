#!/usr/bin/env node
/** timeband-gateway: the command of the box. */
import { run } from './cli/program.js';
import { keepHeapSmall, startSmall } from './small-heap.js';

keepHeapSmall();
startSmall();

// Whoever reads the output may stop, as `head` does: that ends no gateway.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv);
