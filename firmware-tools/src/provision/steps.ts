/**
 * What comes next for a device, from what it says of itself and what the register says of it: pure, so that a device can be left
 * after any step and taken up again, here or at another desk with the same register (SPEC.md, Provisioning).
 */
import { ALG, type DeviceStanding, type FactoryReport, type SignatureAlgorithm } from '@timeband/protocol';

export type NextStep =
  | { readonly step: 'make key'; readonly algorithm: SignatureAlgorithm }
  /** Ask for a proof, certify, and hand the grant over; as the device that was begun before, where one was. */
  | { readonly step: 'grant'; readonly macs: boolean; readonly begun: DeviceStanding | undefined }
  /** It took its grant, and the register does not say so yet. */
  | { readonly step: 'confirm'; readonly granted: DeviceStanding }
  | { readonly step: 'done'; readonly issued: DeviceStanding }
  | { readonly step: 'refuse'; readonly reason: string };

/** What a desk knows beside the device's own word. */
export interface Knowledge {
  readonly site: string;
  /** By the key that the device says it has. */
  readonly ofKey: DeviceStanding | undefined;
  /** The newest of this hardware, whatever its key. */
  readonly ofSerial: DeviceStanding | undefined;
  /** Keys with P-256 instead of Ed25519, where the device can do both. */
  readonly preferP256?: boolean | undefined;
}

export function nextStep(report: FactoryReport, known: Knowledge): NextStep {
  const { state, algorithms, site, device } = report;
  const { ofKey, ofSerial } = known;
  switch (state) {
    case 'blank': {
      const algorithm = algorithmFor(algorithms, known.preferP256 === true);
      if (algorithm !== undefined) return { step: 'make key', algorithm };
      if (!algorithms.includes(ALG.HMAC256)) return refuse('it can use none of our algorithms');
      return { step: 'grant', macs: true, begun: unfinished(ofSerial) };
    }
    case 'keyed':
      return { step: 'grant', macs: false, begun: unfinished(ofKey) ?? unfinished(ofSerial) };
    case 'provisioned':
      if (site !== known.site) return refuse(`it belongs to ${site ?? 'another site'}, as ${device ?? '?'}`);
      if (ofKey === undefined) {
        return refuse(`it is ${device ?? '?'} of this site already, and not by this register: wipe it first`);
      }
      if (ofKey.state === 'wiped') return refuse('the register says that this key was wiped');
      return ofKey.state === 'granted'
        ? { step: 'confirm', granted: ofKey }
        : { step: 'done', issued: ofKey };
  }
}

/** One that was about to belong to the site when something came between. */
function unfinished(standing: DeviceStanding | undefined): DeviceStanding | undefined {
  return standing?.state === 'granted' ? standing : undefined;
}

function algorithmFor(algorithms: readonly number[], preferP256: boolean): SignatureAlgorithm | undefined {
  const order = preferP256 ? ([ALG.ES256, ALG.EdDSA] as const) : ([ALG.EdDSA, ALG.ES256] as const);
  return order.find((algorithm) => algorithms.includes(algorithm));
}

function refuse(reason: string): NextStep {
  return { step: 'refuse', reason };
}
