/** Settings of the MQTT broker and its listeners. */
import { z } from 'zod';

const port = z.int().min(0).max(65_535);

const listener = z
  .strictObject({
    kind: z
      .enum(['tcp', 'tls', 'ws', 'wss'])
      .describe('How MQTT is carried: plain TCP, TLS, WebSocket, or WebSocket over TLS.'),
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address to listen on; `0.0.0.0` or `::` is the whole network.'),
    port: port.describe('Port to listen on; 0 takes any free one.'),
    path: z
      .string()
      .startsWith('/')
      .default('/mqtt')
      .describe('Path of a WebSocket; anything else on its port is answered with 404.'),
    allowedOrigins: z
      .array(z.url())
      .default([])
      .describe(
        'Origins of web pages that may open a WebSocket, such as `https://console.example`. Programs that are no browser send none and need none.',
      ),
  })
  .describe('A way in to the broker.');

export const brokerSection = z
  .strictObject({
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address of the plain TCP listener. Passwords travel in the clear on any but this machine.'),
    port: port.default(1883).describe('Port of the plain TCP listener.'),
    plain: z.boolean().default(true).describe('Whether the plain TCP listener at `host` and `port` is on.'),
    listeners: z
      .array(listener)
      .max(16)
      .default([])
      .meta({ example: [{ kind: 'tls', host: '0.0.0.0', port: 8883 }] })
      .describe(
        'More ways in to the broker, for displays and apps on the network; they import trust/mqtt-ca.pem.',
      ),
    tls: z
      .strictObject({
        certificate: z.string().min(1).describe('File with the certificate and its chain, PEM.'),
        key: z.string().min(1).describe('File with its private key, PEM, readable by its owner alone.'),
        clientAuthority: z
          .string()
          .min(1)
          .optional()
          .describe(
            'File with the authority whose certificates clients may log in with, PEM; the site’s own unless given.',
          ),
      })
      .optional()
      .meta({ reload: true, example: { certificate: 'box.pem', key: 'box.key' } })
      .describe('Certificate of the broker, instead of the one that the gateway makes and renews itself.'),
    maxConnections: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .meta({ reload: true })
      .describe('How many connections there may be, of all listeners together.'),
    maxConnectionsPerAddress: z
      .int()
      .min(1)
      .max(10_000)
      .default(64)
      .meta({ reload: true })
      .describe(
        'How many of them may come from one address, or one IPv6 network (/64). This machine itself is not counted.',
      ),
    /** Messages that wait for one session; each of a durable one is on disk. */
    maxQueuedMessages: z
      .int()
      .min(100)
      .max(10_000_000)
      .default(100_000)
      .describe(
        'How many messages may wait for one session. More are dropped and counted; a client that keeps no session is disconnected. Events do not count: they wait in the event log.',
      ),
    /** Of their topics and payloads, MB. */
    maxQueuedMb: z
      .int()
      .min(1)
      .max(10_000)
      .default(64)
      .describe('How many megabytes of messages may wait for one session.'),
    /** Of one packet from a client. */
    maxPacketBytes: z
      .int()
      .min(1_024)
      .max(1_048_576)
      .default(65_536)
      .describe('How long one packet from a client may be, in bytes; a longer one ends its connection.'),
    /** Topic filters of one session. */
    maxSubscriptions: z
      .int()
      .min(1)
      .max(1_000)
      .default(50)
      .describe('How many topic filters one session may have.'),
    /** Messages a second from one client. */
    maxPublishRate: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .describe(
        'How many messages a second one client may publish; what is more has to wait, and nothing of it is lost.',
      ),
    /** Topics of clients with a retained message. */
    maxRetained: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(10_000)
      .describe('On how many topics a message may be retained; on more it is passed on and not kept.'),
    /** Days. */
    sessionDays: z
      .int()
      .min(1)
      .max(3_650)
      .default(30)
      .describe('After how many days without its client a session and what waits for it are forgotten.'),
  })
  .refine(({ plain, listeners }) => plain || listeners.length > 0, {
    path: ['listeners'],
    message: 'plain is false and there is no listener: nobody could reach the broker',
  })
  .prefault({})
  .describe('The MQTT broker of this box.');

export type BrokerConfig = z.infer<typeof brokerSection>;
export type ListenerConfig = z.infer<typeof listener>;

/** Every listener that the settings name, the plain one first. */
export function listenersOf({ plain, host, port: plainPort, listeners }: BrokerConfig): ListenerConfig[] {
  const first = { kind: 'tcp', host, port: plainPort, path: '/mqtt', allowedOrigins: [] } as const;
  return plain ? [{ ...first, allowedOrigins: [] }, ...listeners] : listeners;
}
