#!/usr/bin/env node
// Committed, so that npm can link the command before anything is built. What runs is dist/, made by `npm run build`.
await import('../dist/bin.js');
