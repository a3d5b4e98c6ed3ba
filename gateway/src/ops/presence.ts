/** What the broker always has to say of the gateway: its certificate, whether it is there, and every few seconds how it is. */
import type { GatewayStatus } from '@timeband/protocol';
import type { Foundation } from './foundation.js';
import type { ReloadableBroker } from './mqtt.js';

const HEALTH_EVERY_MS = 10_000;

export class Presence {
  private cancel = (): void => undefined;

  constructor(
    private readonly base: Foundation,
    private readonly broker: Pick<ReloadableBroker, 'publishRetained'>,
  ) {}

  /** Its certificate goes first, since all that follows is signed under it. */
  async appear(): Promise<void> {
    await this.showCertificate();
    await this.announce('online');
  }

  /** Says at once how the gateway is, and from now on. */
  showHealth(report: () => unknown): void {
    void this.broker.publishRetained(this.base.topics.health, Buffer.from(JSON.stringify(report())));
    this.cancel = this.base.timers.after(HEALTH_EVERY_MS, () => {
      this.showHealth(report);
    });
  }

  /** As it is now. */
  showCertificate(): Promise<boolean> {
    const { topics, credentials } = this.base;
    return this.broker.publishRetained(topics.certificate, credentials.certificate.bytes);
  }

  /** Nothing more of its health. */
  close(): void {
    this.cancel();
  }

  async leave(): Promise<void> {
    await this.announce('offline');
  }

  private announce(state: GatewayStatus['state']): Promise<boolean> {
    const { topics, gateway, site, wallClock } = this.base;
    const status = { state, gateway, site, since: Math.floor(wallClock()) } satisfies GatewayStatus;
    return this.broker.publishRetained(topics.status, Buffer.from(JSON.stringify(status)));
  }
}
