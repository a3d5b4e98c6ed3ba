/** Identifiers that may stand in a topic: lower-case letters, digits and hyphens. */

/** Longest identifier, so that certificates and events keep within a device's buffers. */
export const MAX_ID_LENGTH = 40;

/** Whether `id` may name a site, gateway, device or account on a topic. */
export function isId(id: string): boolean {
  return id.length <= MAX_ID_LENGTH && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id);
}
