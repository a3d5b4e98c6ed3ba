import { ExpectedError } from '../expected-error.js';

/** What a person has to put right before the gateway can work. */
export class ConfigError extends ExpectedError {
  override readonly name = 'ConfigError';
}
