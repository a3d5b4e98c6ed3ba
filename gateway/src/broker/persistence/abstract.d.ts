/** The suite of aedes-persistence comes without types. */
declare module 'aedes-persistence/abstract.js' {
  export interface SuiteContext {
    readonly assert: object;
    readonly diagnostic: (text: string) => void;
    readonly plan: (count: number) => void;
  }
  export default function abstractPersistence(options: {
    readonly testAsync: true;
    readonly persistence: () => unknown;
    readonly test: (name: string, run: (context: SuiteContext) => Promise<void>) => void;
  }): void;
}
