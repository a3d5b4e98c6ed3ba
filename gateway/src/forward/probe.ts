/** Tries the way to another gateway of the site as forwarding would, and hands nothing over. */
import { gatewayTopics, type Timers } from '@timeband/protocol';
import type { PeerConfig } from '../config/index.js';
import { failureOf, probe, readUplinkCredentials } from '../uplink/index.js';
import { type PeerFailure, peerFailure } from './peer-failure.js';

export interface PeerProbeOptions {
  readonly site: string;
  /** Which must not be running: a broker lets one client of a name in at a time. */
  readonly gateway: string;
  readonly peer: PeerConfig;
  readonly dataDir: string;
  readonly timers: Timers;
}

/** Connects, logs in, and asks for the answers. @returns milliseconds that it took, or why there is no way */
export async function probePeer({
  site,
  gateway,
  peer,
  dataDir,
  timers,
}: PeerProbeOptions): Promise<number | PeerFailure> {
  const how = () => ({
    ...{ url: peer.url, clientId: gateway, timers },
    credentials: readUplinkCredentials({ ...peer, user: gateway }, dataDir),
  });
  const answers = gatewayTopics(site, peer.gateway).forwardAnswer(gateway);
  try {
    return await probe(how, { [answers]: 1 }, timers);
  } catch (error) {
    return peerFailure(failureOf(error));
  }
}
