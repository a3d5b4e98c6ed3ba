import { ExpectedError } from '../expected-error.js';

/** An upgrade that was refused before anything was changed. */
export class UpgradeError extends ExpectedError {
  override readonly name = 'UpgradeError';
}
