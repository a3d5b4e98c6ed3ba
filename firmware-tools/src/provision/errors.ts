/** What keeps a device from being provisioned, wiped or registered. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';

  constructor(
    readonly code:
      /** Keys, certificates or the register of the site that cannot be used. */
      | 'desk/site'
      /** Another program has the register. */
      | 'desk/busy'
      /** The device belongs elsewhere, or cannot be what was asked for. */
      | 'device/refused'
      /** The register knows nothing of such a device. */
      | 'device/unknown'
      /** Records on the device would be lost. */
      | 'device/unacknowledged',
    message: string,
  ) {
    super(message);
  }
}
