/** Settings of what the gateway says about itself: its log, health and metrics. */
import { z } from 'zod';

export const logSection = z
  .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info') })
  .prefault({});

export const monitoringSection = z.strictObject({}).prefault({});
