/** Handing the primary's acks on to a device that this gateway follows for it. */
import { call, COMMAND, REFUSAL, type SmpClient, SmpError } from '@timeband/protocol';
import type { RelayedAck, SyncContext } from './context.js';
import type { FaultReporter } from './faults.js';
import type { Introduced } from './introduce.js';
import { isRefusal } from './own-word.js';

export class Relay {
  /** Acks up to here were handed on, or are no news to the device. */
  private upto: number;

  constructor(
    private readonly client: SmpClient,
    private readonly context: Pick<SyncContext, 'counters'>,
    private readonly introduced: Introduced,
    private readonly faults: FaultReporter,
  ) {
    this.upto = introduced.device.identity.acked;
  }

  /** What the primary says of a log, which the device has not heard. */
  dueFor(log: number): RelayedAck | undefined {
    const ack = this.introduced.forward?.ackOf(log);
    return ack !== undefined && ack.upto > this.upto ? ack : undefined;
  }

  /** @throws SmpError, LinkError */
  async handOn(ack: RelayedAck, device: string): Promise<void> {
    try {
      await this.present(ack);
      this.context.counters.count('forward/relayed', this.client.name);
    } catch (error) {
      // What it refuses keeps nothing else waiting: whether it tells another story shows when it is read.
      if (!(error instanceof SmpError && error.code === 'smp/device')) throw error;
      this.faults.report(error, device);
    }
    this.upto = ack.upto;
  }

  /** Who signed it shows its certificate first, unless the device knows it. */
  private async present({ bytes, certificate }: RelayedAck): Promise<void> {
    try {
      await call(this.client, COMMAND.ack, bytes);
    } catch (error) {
      if (!isRefusal(error, REFUSAL.unknownGateway)) throw error;
      await call(this.client, COMMAND.hello, certificate);
      await call(this.client, COMMAND.ack, bytes);
    }
  }
}
