/** Settings of what the gateway says about itself: its log, health and metrics. */
import { z } from 'zod';

export const logSection = z
  .strictObject({
    /** Lines below this are not written. */
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('How much is logged: what is less important than this is left out.'),
    /** Goes on in numbered files: `gateway.log` in `gateway.1.log`, `gateway.2.log`… Without it to standard error. */
    file: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File for the log, relative to dataDir; it gets a number, such as gateway.1.log. Without it the log goes to standard error, which systemd keeps in its journal.',
      ),
    /** Of `file`, in megabytes. */
    maxSizeMb: z
      .number()
      .min(0.1)
      .max(10_000)
      .default(20)
      .describe('With file: when it has so many megabytes the next one is begun.'),
    /** Of `file`, beside the one that is written. */
    keep: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe('With file: how many full ones are kept; the oldest is removed.'),
  })
  .prefault({});

export const monitoringSection = z
  .strictObject({
    /** Whether `/healthz`, `/readyz` and `/metrics` are served. */
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether /healthz, /readyz and /metrics are served over HTTP.'),
    /** Loopback unless told otherwise: there is no log-in. */
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe(
        'Address that they are served on. Whoever reaches it may read them: there is no log-in and no TLS.',
      ),
    /** 0 takes any free one. */
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(9464)
      .describe('Port that they are served on; 0 takes any free one.'),
  })
  .prefault({});

export type LogConfig = z.infer<typeof logSection>;
export type MonitoringConfig = z.infer<typeof monitoringSection>;
