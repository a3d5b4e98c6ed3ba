/** What the upgrade has done in the gateway's folder as the user that owns it. */
import { z } from 'zod';

export const requestSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('schema'), database: z.string() }),
  z.object({ do: z.literal('copy'), database: z.string(), copy: z.string() }),
  z.object({ do: z.literal('restore'), database: z.string(), copy: z.string(), replaced: z.string() }),
  z.object({ do: z.literal('keep'), file: z.string(), copy: z.string() }),
  z.object({ do: z.literal('put-back'), file: z.string(), copy: z.string() }),
  z.object({ do: z.literal('hold'), file: z.string() }),
  z.object({ do: z.literal('release'), file: z.string() }),
]);
export type FolderRequest = z.infer<typeof requestSchema>;

export const answerSchema = z.union([
  z.object({ done: z.union([z.number(), z.boolean(), z.null()]) }),
  z.object({ refused: z.string() }),
]);
export type FolderAnswer = z.infer<typeof answerSchema>;
