/** What a program that ran us can rely on. */
export const EXIT = { usage: 2, notFound: 3, refused: 4, failed: 5 } as const;
