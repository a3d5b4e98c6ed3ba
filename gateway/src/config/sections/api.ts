/** Settings of the HTTP API. */
import { z } from 'zod';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export const apiSection = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address that it is served on. On any but this machine it needs `tls`.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(9443)
      .describe('Port that it is served on; 0 takes any free one.'),
    tls: z
      .boolean()
      .default(true)
      .describe('Whether it is served over TLS, with the certificate that the broker shows.'),
    maxRequestsPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .default(600)
      .describe('How many requests a minute one address may send.'),
  })
  .refine(({ host, tls }) => tls || LOOPBACK.includes(host), {
    path: ['tls'],
    message: 'passwords would travel in the clear: only on 127.0.0.1 may tls be false',
  })
  .meta({ example: { host: '0.0.0.0', port: 9443 } })
  .describe('The HTTP API over ledger, events and catalogue: docs/ledger.md. Without it there is none.');

export type ApiConfig = z.output<typeof apiSection>;
