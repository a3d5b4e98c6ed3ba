export {
  chainDigest,
  chainHash,
  genesisHash,
  HASH_BYTES,
  LOG_ID_BYTES,
  logIdOf,
  type Genesis,
} from './chain.js';
export { decodeRecord, encodeRecord, SALT_BYTES, type Record } from './record.js';
export {
  decodeRecordProof,
  proveRecord,
  proveRecordByDigests,
  verifyRecordProof,
  type RecordProof,
} from './record-proof.js';
export {
  receiveRecord,
  verifySealedRecords,
  type LogPosition,
  type ReceivedRecord,
  type SealedRecord,
  type SealedRecords,
} from './sealed-records.js';
export { SEAL_NONCE_BYTES, signSeal, verifySeal, type Seal, type VerifiedSeal } from './seal.js';
export { signAck, verifyAck, type Ack } from './ack.js';
export { CLOCK_NONCE_BYTES, signClock, verifyClock, type ClockDocument } from './clock.js';
export type { DeviceTime } from './time.js';
export {
  GatewayClock,
  MAX_SLEW_SECONDS,
  nextClockState,
  stepBetween,
  type ClockReading,
  type GatewayClockOptions,
  type GatewayClockState,
} from './gateway-clock.js';
export {
  trustedInterval,
  trustedTimes,
  type DeviceMoment,
  type Oscillator,
  type SealMoment,
  type TimeContext,
  type TimeInterval,
  type TrustedTimes,
} from './trusted-time.js';
