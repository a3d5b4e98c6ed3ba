import { TimebandError, type ErrorCode } from '../errors.js';

/** The code with which `action` fails, or `accepted`. An error without a code fails the test. */
export function codeOf(action: () => unknown): ErrorCode | 'accepted' {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof TimebandError) return error.code;
    throw error;
  }
}
