/** pino-roll 4 comes without types: what is used of it. */
declare module 'pino-roll' {
  import type { SonicBoom, SonicBoomOpts } from 'sonic-boom';

  export interface RollOptions extends SonicBoomOpts {
    /** A number goes between its name and `extension`. */
    readonly file: string;
    readonly extension: string;
    /** Megabytes. */
    readonly size: number;
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean };
  }

  export default function roll(options: RollOptions): Promise<SonicBoom>;
}
