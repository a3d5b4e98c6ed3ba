/** Settings of the way to the city (SPEC.md, Uplink). */
import { z } from 'zod';
import { brokerUrl, isPlainAndFar } from './broker-url.js';
import { timeZone } from './time-zone.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "22:30"');

const span = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .optional()
    .describe('Days on which the span begins: mon, tue, wed, thu, fri, sat, sun. Every day when left out.'),
  from: clock.describe('When the span begins, in the local time of the site, such as "22:00".'),
  to: clock.describe('When the span ends. At or before the beginning it means the next day.'),
});

const rate = z.strictObject({
  messagesPerSecond: z
    .number()
    .positive()
    .optional()
    .describe('Events a second, on average. No limit when left out.'),
  bytesPerSecond: z
    .number()
    .positive()
    .optional()
    .describe('Bytes a second, on average. No limit when left out.'),
  burst: z
    .number()
    .positive()
    .max(3_600)
    .default(2)
    .describe('For how many seconds the rates may be used up in advance after a pause.'),
});

const metered = z.strictObject({
  bytesPerDay: z
    .int()
    .min(100_000)
    .optional()
    .describe(
      'When so many bytes were sent on a day, only calls for help go until midnight. TLS adds a little.',
    ),
});

export const uplinkSection = z
  .strictObject({
    url: z
      .union([brokerUrl, z.array(brokerUrl).min(1).max(8)])
      .describe('Address of the broker of the city, or several of one cluster, which are tried in turn.'),
    allowPlain: z
      .boolean()
      .default(false)
      .describe(
        'Allows addresses without TLS on other machines. The password and everything else travel in the clear.',
      ),
    user: z.string().min(1).max(256).optional().describe('Name of this box at that broker.'),
    passwordFile: z
      .string()
      .optional()
      .describe('File with the password, readable by its owner alone; relative to dataDir.'),
    ca: z
      .string()
      .optional()
      .describe(
        'File with the authorities (PEM) that vouch for the broker, in place of the public ones; relative to dataDir.',
      ),
    cert: z
      .string()
      .optional()
      .describe('File with the certificate (PEM) that this box shows to the broker; relative to dataDir.'),
    key: z
      .string()
      .optional()
      .describe('File with the key of that certificate, readable by its owner alone; relative to dataDir.'),
    clientId: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('MQTT client identifier. The id of the gateway when left out.'),
    topicPrefix: z
      .string()
      .max(256)
      .regex(
        /^([^+#\0/$][^+#\0]*\/)?$/u,
        'ends with a slash, without + and #, and does not begin with / or $',
      )
      .default('')
      .describe('What the city wants before every topic, such as "district-7/".'),
    json: z.boolean().default(false).describe('Sends the JSON twin of every event as well.'),
    window: z
      .int()
      .min(1)
      .max(10_000)
      .default(500)
      .describe('Messages that may be on their way at once without being confirmed.'),
    rate: rate.prefault({}).describe('Limits how fast events go up. Calls for help are not held back.'),
    metered: metered
      .optional()
      .describe('For a link that is paid by the byte: fewer signs of life, and a limit for the day.'),
    schedule: z
      .array(span)
      .max(32)
      .default([])
      .describe('When events may go up. Always when left out. Calls for help always go.'),
    timeZone: timeZone
      .optional()
      .describe('Time zone of schedule and daily limit. That of this machine when left out.'),
  })
  .superRefine((settings, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (!settings.allowPlain && [settings.url].flat().some(isPlainAndFar)) {
      refuse('url', 'without TLS only on this machine: use mqtts:// or wss://, or set allowPlain: true');
    }
    if (settings.passwordFile !== undefined && settings.user === undefined) {
      refuse('user', 'a password needs the name that it belongs to');
    }
    if ((settings.cert === undefined) !== (settings.key === undefined)) {
      refuse(settings.cert === undefined ? 'cert' : 'key', 'cert and key are needed together');
    }
  })
  .meta({
    reload: true,
    example: { url: 'mqtts://broker.example:8883', user: 'gw-1', passwordFile: 'uplink.password' },
  })
  .describe('The way to the city. Without it the centre works on its own.');

export type UplinkConfig = z.infer<typeof uplinkSection>;
