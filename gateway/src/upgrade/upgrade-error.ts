/** An upgrade that was refused before anything was changed. */
export class UpgradeError extends Error {
  override readonly name = 'UpgradeError';
}
