/** What a person has to put right before the gateway can work. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
