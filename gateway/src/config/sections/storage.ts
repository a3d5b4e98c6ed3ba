/** Settings of what is kept: backups and retention. */
import { z } from 'zod';

export const storageSection = z.strictObject({}).prefault({});
