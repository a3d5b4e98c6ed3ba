/** The same for several devices at once, each by itself: what fails on one leaves the others alone. */
import type { Image } from '../image/index.js';
import type { Target } from '../target/index.js';
import { updateDevice, type UpdateOptions, type UpdateProgress, type UpdateReport } from './update.js';

export interface ManyOptions extends Omit<UpdateOptions, 'progress'> {
  readonly progress?: ((target: Target, progress: UpdateProgress) => void) | undefined;
  /** Of one target, as soon as it has one. */
  readonly finished?: ((target: Target, result: UpdateReport | Error) => void) | undefined;
  /** Devices at once. */
  readonly atOnce?: number | undefined;
}

const AT_ONCE = 16;

/** Results in the order of the targets. Never rejects for what one device does. */
export async function updateMany(
  targets: readonly Target[],
  image: Image,
  { progress, finished, atOnce = AT_ONCE, ...options }: ManyOptions = {},
): Promise<(UpdateReport | Error)[]> {
  const results: (UpdateReport | Error)[] = [];
  const waiting = [...targets.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, target] = next;
      const result = await updateDevice(target, image, {
        ...options,
        progress: (step) => progress?.(target, step),
      }).catch((error: unknown) => {
        if (error instanceof Error) return error;
        throw error;
      });
      results[index] = result;
      finished?.(target, result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, work));
  return results;
}
