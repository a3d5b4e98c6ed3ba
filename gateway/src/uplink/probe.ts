/** Tries the way to one broker of the city as the uplink would, and publishes nothing. */
import type { Certificate, Timers } from '@timeband/protocol';
import type { UplinkConfig } from '../config/index.js';
import { CityLink, type CityLinkOptions } from './city-link.js';
import { readUplinkCredentials } from './credentials.js';
import { failureOf, UplinkFailure } from './failure.js';
import { cityTopics } from './topics.js';

/** A broker that takes longer is none that a person would wait for. */
const PATIENCE_MS = 10_000;

export interface ProbeOptions {
  readonly url: string;
  readonly config: UplinkConfig;
  readonly dataDir: string;
  /** Of this gateway, which must not be running: a broker lets one client of a name in at a time. */
  readonly certificate: Certificate;
  readonly timers: Timers;
}

/** Connects, logs in, and asks for what the uplink asks for. @returns milliseconds that it took @throws UplinkFailure */
export function probeCity({ url, config, dataDir, certificate, timers }: ProbeOptions): Promise<number> {
  const topics = cityTopics(certificate.site, certificate.subject, config.topicPrefix);
  const filters = { [topics.certificate]: 0, [topics.head]: 0, [topics.policy('+')]: 1 } as const;
  const how = (): ProbeLink => ({
    ...{ url, timers, clientId: config.clientId ?? certificate.subject },
    credentials: readUplinkCredentials(config, dataDir),
    // Sent by the broker only if this ends in the middle, and then it is true.
    will: { topic: topics.status, payload: offline(certificate) },
  });
  return probe(how, filters, timers);
}

export type ProbeLink = Pick<CityLinkOptions, 'url' | 'clientId' | 'credentials' | 'will' | 'timers'>;

/**
 * Connects, logs in, asks for what comes under these filters, and leaves.
 * @param how may throw as well
 * @returns milliseconds that it took
 * @throws UplinkFailure
 */
export async function probe(
  how: () => ProbeLink,
  filters: Readonly<Record<string, 0 | 1>>,
  timers: Timers,
): Promise<number> {
  const patience = new AbortController();
  const cancel = timers.after(PATIENCE_MS, () => {
    patience.abort();
  });
  const started = timers.now();
  let link: CityLink | undefined;
  try {
    link = await CityLink.open({
      ...how(),
      ...{ signal: patience.signal, keepAliveSeconds: 60 },
      message: () => undefined,
      sent: () => undefined,
    });
    await link.subscribe(filters);
    return timers.now() - started;
  } catch (error) {
    if (patience.signal.aborted)
      throw new UplinkFailure('uplink/unreachable', `no answer within ${PATIENCE_MS / 1_000} s`);
    throw failureOf(error);
  } finally {
    cancel();
    await link?.close();
  }
}

function offline({ site, subject: gateway }: Certificate): string {
  return JSON.stringify({ state: 'offline', gateway, site, since: Math.floor(Date.now() / 1_000) });
}
