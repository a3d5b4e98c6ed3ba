/** The last step of npm run build. */
import { fileURLToPath } from 'node:url';
import { bundlePrograms } from './programs.js';

await bundlePrograms(fileURLToPath(new URL('../..', import.meta.url)));
