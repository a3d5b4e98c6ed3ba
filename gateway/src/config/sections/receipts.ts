/** Settings of heads and receipts of the event log. */
import { z } from 'zod';

export const receiptsSection = z
  .strictObject({
    headEverySeconds: z
      .int()
      .min(1)
      .default(60)
      .meta({ reload: true })
      .describe('The signed head of the event log is published at most this often.'),
  })
  .prefault({})
  .describe('Heads and receipts of the event log.');
