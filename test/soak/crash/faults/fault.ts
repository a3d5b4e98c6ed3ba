/** Something that happens to a box. */
import type { CrashSite } from '../site.js';
import type { Stage } from '../stage.js';

export interface Fault {
  readonly says: string;
  /** Why this machine cannot do it; asked before anything is started. */
  readonly lacks?: () => Promise<string | undefined>;
  /** Of the gateway's program from its start. */
  readonly environment?: ((site: CrashSite) => Promise<Readonly<Record<string, string>>>) | undefined;
  /**
   * Does it to a stage whose gateway runs and has work, and waits until all is well again; leaves the gateway running.
   * @returns what there is to say of it; @throws Error saying what went wrong
   */
  readonly happen: (stage: Stage) => Promise<string>;
}
