/** What runs before the tests: they start programs of what was built last. */
import { fileURLToPath } from 'node:url';
import { bundlePrograms } from './programs.js';

export const setup = (): Promise<void> => bundlePrograms(fileURLToPath(new URL('../..', import.meta.url)));
