/** Settings of the MQTT broker and its listeners. */
import { z } from 'zod';

export const brokerSection = z
  .strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(1883),
  })
  .prefault({});
