/** What is wrong with an image, a key for it, or what was asked of them. */

export type ImageErrorCode =
  /** The bytes are no MCUboot image, or a damaged one. */
  | 'image/header'
  | 'image/tlv'
  | 'image/trailer'
  /** The hash or the signature does not fit what is signed. */
  | 'image/hash'
  | 'image/signature'
  /** It is signed with another key than the one given, or not at all. */
  | 'image/key'
  | 'image/unsigned'
  /** A setting that no image can have. */
  | 'image/option'
  /** It does not fit its slot. */
  | 'image/size'
  | 'image/hex'
  /** A key file that cannot be used. */
  | 'key/file'
  | 'key/mode'
  | 'key/kind'
  | 'key/passphrase';

export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly code: ImageErrorCode,
    message: string,
  ) {
    super(message);
  }
}
