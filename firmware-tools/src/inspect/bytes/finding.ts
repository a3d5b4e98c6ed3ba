/** What bytes turned out to be: a tree of findings, each with what is right and wrong with it. */

/** One judgement. `holds` is undefined where nothing was given to judge by. */
export interface Judgement {
  readonly holds: boolean | undefined;
  readonly says: string;
  /** Of the error, where there is one: docs/codes.md explains it. */
  readonly code?: string;
}

export interface Finding {
  /** The name that SPEC.md has for it. */
  readonly what: string;
  /** Number of bytes. */
  readonly bytes: number;
  /** What it says, in one line; empty where it says nothing. */
  readonly says: string;
  readonly verdicts: readonly Judgement[];
  /** Commented hexadecimal that, joined, is the bytes. */
  readonly lines: readonly string[];
  /** What it says as JSON: byte strings in hexadecimal. */
  readonly value?: unknown;
  /** What is inside and can be judged by itself. */
  readonly parts: readonly Finding[];
}

/** The worst of a tree: whether something is wrong, or something could not be judged. */
export function worst({ verdicts, parts }: Finding): 'good' | 'unjudged' | 'bad' {
  const all = [
    ...verdicts.map(({ holds }) => (holds === undefined ? 'unjudged' : holds ? 'good' : 'bad')),
    ...parts.map(worst),
  ];
  return all.includes('bad') ? 'bad' : all.includes('unjudged') ? 'unjudged' : 'good';
}

export const good = (says: string): Judgement => ({ holds: true, says });
export const bad = ({ message, code }: { readonly message: string; readonly code: string }): Judgement => ({
  holds: false,
  says: message,
  code,
});
export const unjudged = (says: string): Judgement => ({ holds: undefined, says });
