/** The address of another MQTT broker, as settings name it. */
import { z } from 'zod';

const SCHEMES = ['mqtts:', 'wss:', 'mqtt:', 'ws:'];
const PLAIN = ['mqtt:', 'ws:'];

export const brokerUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && SCHEMES.includes(new URL(text).protocol) && new URL(text).hostname !== '',
    'an address such as mqtts://broker.example:8883 or wss://broker.example/mqtt',
  )
  .refine(
    (text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '',
    'no name or password in an address: use user and passwordFile',
  );

/** Whether what travels there can be read on the way. */
export function isPlainAndFar(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return PLAIN.includes(protocol) && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
