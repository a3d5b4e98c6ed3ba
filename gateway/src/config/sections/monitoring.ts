/** Settings of what the gateway says about itself: its log, health and metrics. */
import { z } from 'zod';

export const logSection = z
  .strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ reload: true })
      .describe('How much is logged: what is less important than this is left out.'),
    file: z
      .string()
      .min(1)
      .optional()
      .meta({ example: 'gateway.log' })
      .describe(
        'File for the log, relative to dataDir; it gets a number, such as gateway.1.log. Without it the log goes to standard error, which systemd keeps in its journal.',
      ),
    maxSizeMb: z
      .number()
      .min(0.1)
      .max(10_000)
      .default(20)
      .describe('With file: when it has so many megabytes the next one is begun.'),
    keep: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe('With file: how many full ones are kept; the oldest is removed.'),
  })
  .prefault({})
  .describe('The log of the gateway itself.');

export const monitoringSection = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether /healthz, /readyz and /metrics are served over HTTP.'),
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe(
        'Address that they are served on. Whoever reaches it may read them: there is no log-in and no TLS.',
      ),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(9464)
      .describe('Port that they are served on; 0 takes any free one.'),
  })
  .prefault({})
  .meta({ reload: true })
  .describe('What a monitoring system may ask: docs/monitoring.md.');

export type LogConfig = z.infer<typeof logSection>;
export type MonitoringConfig = z.infer<typeof monitoringSection>;
