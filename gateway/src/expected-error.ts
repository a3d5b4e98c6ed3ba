/**
 * What a person can put right: settings, files, permissions, another gateway that runs. Its message says what happened
 * and what to do next. Every other error is our fault, and a command shows where it was thrown.
 */
export abstract class ExpectedError extends Error {}
