/** Scanning (Core, Vol 6, Part B, 4.4.3): which adverts are reported, and scan responses asked for. */
import type { Address } from '../air/address.js';
import type { Advert } from '../air/air.js';
import { Listening, type ListeningSettings } from './listening.js';

export interface ScanSettings extends ListeningSettings {
  /** Asks for scan responses. */
  readonly isActive: boolean;
  /** Reports only what is on the accept list. */
  readonly acceptListOnly: boolean;
}

/** What the host is told of an advert. */
export interface AdvertReport {
  readonly address: Address;
  readonly data: Uint8Array;
  readonly isScanResponse: boolean;
  readonly isConnectable: boolean;
  readonly isScannable: boolean;
  /** dBm */
  readonly rssi: number;
}

/** Advertisers whose repetitions are filtered at once; the one longest known is forgotten for a new one. */
const DUPLICATES_REMEMBERED = 128;

export class Scanner {
  readonly listening: Listening;
  private readonly seen = new Set<string>();

  constructor(
    private readonly settings: ScanSettings,
    private readonly filtersDuplicates: boolean,
    private readonly isAccepted: (address: Address) => boolean,
    now: number,
  ) {
    this.listening = new Listening(settings, now);
  }

  /** What to report of an advert, nothing or itself. */
  report(advert: Advert, rssi: number): AdvertReport | undefined {
    if (this.settings.acceptListOnly && !this.isAccepted(advert.address)) return undefined;
    return this.unlessSeen({ ...describe(advert), data: advert.data, isScanResponse: false, rssi });
  }

  /** Whether it asks this advertiser for a scan response. */
  asks(advert: Advert): boolean {
    return this.settings.isActive && advert.scanResponse !== undefined;
  }

  response(advert: Advert, rssi: number): AdvertReport | undefined {
    const data = advert.scanResponse ?? new Uint8Array();
    return this.unlessSeen({ ...describe(advert), data, isScanResponse: true, rssi });
  }

  private unlessSeen(report: AdvertReport): AdvertReport | undefined {
    if (!this.filtersDuplicates) return report;
    const key = `${report.address.key}${report.isScanResponse ? '+' : ''}`;
    if (this.seen.has(key)) return undefined;
    const [oldest] = this.seen;
    if (this.seen.size >= DUPLICATES_REMEMBERED && oldest !== undefined) this.seen.delete(oldest);
    this.seen.add(key);
    return report;
  }
}

function describe({ address, isConnectable, scanResponse }: Advert) {
  return { address, isConnectable, isScannable: scanResponse !== undefined };
}
