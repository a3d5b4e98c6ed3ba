/** What a device answers that belongs to no site yet (SPEC.md, Provisioning). */
import {
  ALG,
  COMMAND,
  DeviceKey,
  equalBytes,
  type FactoryReport,
  IRK_BYTES,
  isId,
  keyThumbprint,
  type OpenGrant,
  openGrant,
  type PossessionRequest,
  PrivateKey,
  type PublicKey,
  type Put,
  type PutState,
  randomBytes,
  receivePut,
  signPossession,
  type SignatureAlgorithm,
  TimebandError,
} from '@timeband/protocol';
import { answering, type CommandHandler, type CommandSettings, osCommands } from '../firmware/commands.js';
import { FIRMWARE } from '../firmware/device-options.js';
import { Refusal } from '../firmware/refusal.js';
import type { KeyStore } from './key-store.js';

/** What kind of hardware left the factory. */
export interface Hardware {
  readonly serial: string;
  readonly role: 'reader' | 'band';
  /** Whether it can only MAC. */
  readonly macs: boolean;
}

/** COSE algorithms of a piece of hardware. */
export function algorithmsOf({ macs }: Hardware): readonly number[] {
  return macs ? [ALG.HMAC256] : [ALG.EdDSA, ALG.ES256];
}

export class BlankDevice {
  private pieces: PutState = { state: 'idle' };

  /** @param granted is told when the device has come to belong to a site */
  constructor(
    private readonly hardware: Hardware,
    private readonly store: KeyStore,
    private readonly granted: () => void,
  ) {}

  commands(settings: CommandSettings): readonly CommandHandler[] {
    const own = [
      answering(COMMAND.factory, () => this.factory()),
      answering(COMMAND.makeKey, ({ algorithm }) => this.makeKey(algorithm), settings.signMs),
      answering(COMMAND.possession, (asked) => this.possession(asked), settings.signMs),
      answering(COMMAND.put, (piece) => this.put(piece)),
    ];
    const others = Object.values(COMMAND)
      .map(({ id, op }) => ({ id, op: op === 'read' ? (0 as const) : (2 as const) }))
      .filter(({ id, op }) => !own.some((handler) => handler.id === id && handler.op === op))
      .map(({ id, op }): CommandHandler => ({
        group: own[0]?.group ?? 0,
        id,
        op,
        busyMs: 0,
        run: notProvisioned,
      }));
    return [...osCommands(settings), ...own, ...others];
  }

  /** The link dropped: whoever comes next begins a document anew. */
  forgetPieces(): void {
    this.pieces = { state: 'idle' };
  }

  private factory(): FactoryReport {
    const { serial, role } = this.hardware;
    const key = this.key;
    return {
      ...{ state: key === undefined ? 'blank' : 'keyed', serial, role },
      ...{ hardware: `simulated-${role}`, firmware: FIRMWARE, algorithms: algorithmsOf(this.hardware) },
      thumbprint: key && keyThumbprint(key.publicKey),
    };
  }

  /** @throws Refusal `notAvailable`, PowerCut */
  private makeKey(algorithm: SignatureAlgorithm): PublicKey {
    const made = this.key;
    if (this.hardware.macs || (made !== undefined && made.algorithm !== algorithm)) {
      throw new Refusal('notAvailable', 'no key of this algorithm');
    }
    if (made !== undefined) return made.publicKey;
    const key = PrivateKey.generate(algorithm);
    this.store.keep({ key: { algorithm, secret: key.secret }, ...this.newIrk() });
    return key.publicKey;
  }

  /** @throws Refusal `notProvisioned`, `notTrusted` */
  private possession(asked: PossessionRequest): Uint8Array {
    const { key } = this;
    if (key === undefined) throw new Refusal('notProvisioned', 'it has no key yet');
    if (!isId(asked.site)) throw new Refusal('notTrusted', 'a site that is no id');
    return signPossession(key, this.hardware.serial, asked);
  }

  /** @throws Refusal, CborError, PowerCut */
  private put(piece: Put): { readonly next: number } {
    if (piece.what !== 'grant') throw new Refusal('notProvisioned', 'it takes nothing but a grant');
    const { state, next, document } = receivePut(this.pieces, piece);
    this.pieces = document === undefined ? state : { state: 'idle' };
    if (document !== undefined) this.take(document.bytes);
    this.pieces = state;
    return { next };
  }

  /** @throws Refusal `notTrusted`, `notProvisioned`, PowerCut */
  private take(bytes: Uint8Array): void {
    const { key, hardware } = this;
    if (key === undefined && !hardware.macs) throw new Refusal('notProvisioned', 'it has no key yet');
    const grant = this.open(bytes, key && keyThumbprint(key.publicKey));
    if (grant.certified.role !== hardware.role) {
      throw new Refusal('notTrusted', `a grant for a ${grant.certified.role}`);
    }
    if (!fitsKey(grant, hardware)) throw new Refusal('notTrusted', 'a grant with another key');
    if (this.store.irk === undefined && hardware.role === 'band') this.store.keep(this.newIrk());
    this.store.keepGrant(bytes);
    this.granted();
  }

  private open(bytes: Uint8Array, thumbprint: Uint8Array | undefined): OpenGrant {
    try {
      return openGrant(bytes, { serial: this.hardware.serial, thumbprint });
    } catch (error) {
      if (error instanceof TimebandError) throw new Refusal('notTrusted', error.message);
      throw error;
    }
  }

  private get key(): PrivateKey | undefined {
    const { key } = this.store;
    return key && PrivateKey.fromSecret(key.algorithm, key.secret);
  }

  private newIrk(): { irk?: Uint8Array } {
    return this.hardware.role === 'band' ? { irk: randomBytes(IRK_BYTES) } : {};
  }
}

/** The key comes with the grant where the hardware only MACs, and never else. */
function fitsKey({ deviceKey, site, device, certified }: OpenGrant, { macs }: Hardware): boolean {
  if (!macs || deviceKey === undefined) return !macs && deviceKey === undefined;
  return equalBytes(new DeviceKey(site, device, deviceKey).thumbprint, certified.thumbprint);
}

function notProvisioned(): never {
  throw new Refusal('notProvisioned', 'it belongs to no site yet');
}
