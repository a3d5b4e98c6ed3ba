/** Settings of the way to the site's primary gateway, for one that is not it (SPEC.md, Forward). */
import { isId } from '@timeband/protocol';
import { z } from 'zod';
import { brokerUrl, isPlainAndFar } from './broker-url.js';

const ID = 'lower-case letters, digits and single hyphens, at most 40 characters';

const peer = z
  .strictObject({
    gateway: z.string().refine(isId, ID).meta({ is: ID }).describe('Its id.'),
    url: brokerUrl.describe('Address of its broker.'),
    allowPlain: z
      .boolean()
      .default(false)
      .describe('Allows an address without TLS on another machine. The password travels in the clear.'),
    passwordFile: z
      .string()
      .optional()
      .describe(
        'File with the password of the account there, which has the role peer and the id of this box for its name; readable by its owner alone, relative to dataDir.',
      ),
    ca: z
      .string()
      .optional()
      .describe('File with the authority (PEM) that vouches for its broker; relative to dataDir.'),
    cert: z
      .string()
      .optional()
      .describe('File with a certificate (PEM) that this box shows there; relative to dataDir.'),
    key: z
      .string()
      .optional()
      .describe('File with the key of that certificate, readable by its owner alone; relative to dataDir.'),
  })
  .superRefine((settings, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (!settings.allowPlain && isPlainAndFar(settings.url)) {
      refuse('url', 'without TLS only on this machine: use mqtts:// or wss://, or set allowPlain: true');
    }
    if ((settings.cert === undefined) !== (settings.key === undefined)) {
      refuse(settings.cert === undefined ? 'cert' : 'key', 'cert and key are needed together');
    }
  });

export const forwardSection = z
  .strictObject({
    to: z
      .array(peer)
      .min(1)
      .max(16)
      .refine(
        (peers) => new Set(peers.map(({ gateway }) => gateway)).size === peers.length,
        'each gateway once',
      )
      .describe('The other gateways of the site, any of which may be the primary one day.'),
    maxQueuedMb: z
      .int()
      .min(1)
      .max(10_000)
      .default(200)
      .describe(
        'Megabytes that may wait for the primary, some million records. When it is full nothing more is read: records stay in their devices.',
      ),
  })
  .meta({
    example: { to: [{ gateway: 'gw-1', url: 'mqtts://192.168.1.20:8883', passwordFile: 'gw-1.password' }] },
  })
  .describe(
    'Hands records to the primary gateway of the site while this one is not it. Without it they stay in their devices until they meet the primary.',
  );

export type ForwardConfig = z.infer<typeof forwardSection>;
export type PeerConfig = ForwardConfig['to'][number];
