import { setFlagsFromString } from 'node:v8';

/** By then a program has started. */
const STARTED_MS = 2_000;

/**
 * Has V8 collect garbage when the heap has grown by half of what was live, and not by three times that: a box has little
 * memory and much else to do with it. Deriving a ledger takes 200 MB so, instead of 300, and no longer.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
}

/**
 * Has V8 begin with the room that it has for new objects, and make more of it (its usual 2 x 16 MB) only for what is done
 * once the program has started: what starting takes it would keep, and a gateway that nobody needs just now has 30 MB less.
 */
export function startSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setTimeout(() => {
    setFlagsFromString('--semi-space-growth-factor=2');
  }, STARTED_MS).unref();
}
