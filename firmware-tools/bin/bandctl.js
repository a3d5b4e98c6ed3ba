#!/usr/bin/env node
// Committed, so that npm can link the command before anything is built. What runs is program/, made by `npm run build`.
await import('../program/bin.js');
