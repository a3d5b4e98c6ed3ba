/** Why an update did not come about. */

export type UpdateErrorCode =
  /** Found out before a byte was sent. */
  | 'update/hardware'
  | 'update/signature'
  | 'update/version'
  | 'update/security-counter'
  | 'update/size'
  /** The device has no image group: its firmware cannot be replaced over this link. */
  | 'update/unsupported'
  /** Behind the same name there is another device now. */
  | 'update/other-device'
  /** Another image is on trial or waits for its trial, and restarting did not settle that. */
  | 'update/occupied'
  /** What arrived is not what was sent. */
  | 'update/damaged'
  /** The bootloader does not take the image. */
  | 'update/not-taken'
  /** The new image did not come up healthy; the device runs the old one again. */
  | 'update/reverted'
  /** The device was there and does not come back. */
  | 'update/lost'
  | 'update/interrupted';

export class UpdateError extends Error {
  override readonly name = 'UpdateError';

  constructor(
    readonly code: UpdateErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Nothing was sent to the device. */
  get isRefusal(): boolean {
    return ['hardware', 'signature', 'version', 'security-counter', 'size', 'unsupported'].some(
      (cause) => this.code === `update/${cause}`,
    );
  }
}
