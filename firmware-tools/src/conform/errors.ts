/** Why a device cannot be examined at all. */
export class ConformError extends Error {
  override readonly name = 'ConformError';

  constructor(
    readonly code:
      /** Nothing answers. */
      | 'conform/silent'
      /** It demands a session, and nobody gave the issuer's key. */
      | 'conform/session'
      /** It belongs to no site yet. */
      | 'conform/blank'
      /** There is no such check. */
      | 'conform/check',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
