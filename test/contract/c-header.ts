/** The C header for firmware: numbers and limits of the protocol, read from the code that this project runs itself. */
import {
  ACT_BYTES,
  ACTIVITY_PHASE,
  ADDRESS_BYTES,
  ADVERT_BYTES,
  ALG,
  BECAUSE,
  CATEGORY,
  CHALLENGE_DIRECTION,
  CHALLENGE_NONCE_BYTES,
  CHALLENGE_WHAT,
  CLOCK_NONCE_BYTES,
  COMMAND,
  CONFIRMED_BY,
  CORRECTION_REASON,
  CORRECTION_SORT,
  DEFAULT_RECORDS_BYTES,
  DEVICE_EVENT,
  DIRECTION,
  ENROL_REASON,
  ENROL_STEP,
  HANDSHAKE_METHOD,
  HANDSHAKE_MS,
  HASH_BYTES,
  HEADER_BYTES,
  IRK_BYTES,
  KID_BYTES,
  KIND,
  LOG_ID_BYTES,
  LONGEST_VISIT_SECONDS,
  MAX_APPROVALS,
  MAX_GATEWAY_SECONDS,
  MAX_ID_LENGTH,
  MAX_LINE_BYTES,
  MAX_MEDIATORS,
  MAX_PUT_BYTES,
  MEAL_PHASE,
  MEAL_SLOT,
  MEDIATION_OUTCOME,
  MIN_SESSION_BUFFER_BYTES,
  OP,
  OS_COMMAND,
  OS_GROUP,
  OUTCOME,
  POLICY_OUTCOME,
  POLICY_TYPE,
  PRESS_SECONDS,
  PUT_PIECE_BYTES,
  PUT_WHAT,
  RC,
  REDEEM_PHASE,
  REFUSAL,
  RELEASE_REASON,
  REQUEST_LEVEL,
  REQUEST_PHASE,
  ROLE,
  SALT_BYTES,
  SEAL_NONCE_BYTES,
  SESSION_NONCE_BYTES,
  SESSION_OVERHEAD_BYTES,
  SIGNATURE_BYTES,
  SMP_CHARACTERISTIC_UUID,
  SMP_SERVICE_UUID,
  TAMPER,
  TIMEBAND_GROUP,
  TRANSFER_SORT,
  URGENCY,
} from '@timeband/protocol';

/** Numbers that belong together. `prefix` begins each of their names. */
interface Section {
  /** Of SPEC.md. */
  readonly section: string;
  readonly says: string;
  readonly prefix: string;
  readonly values: Readonly<Record<string, number>>;
}

const COMMAND_IDS = Object.fromEntries(Object.values(COMMAND).map(({ name, id }) => [name, id]));

export const SECTIONS: readonly Section[] = [
  {
    ...{ section: 'Limits', says: 'Sizes in bytes, times in seconds or milliseconds.', prefix: '' },
    values: {
      idMax: MAX_ID_LENGTH,
      hashBytes: HASH_BYTES,
      logIdBytes: LOG_ID_BYTES,
      kidBytes: KID_BYTES,
      saltBytes: SALT_BYTES,
      signatureBytes: SIGNATURE_BYTES,
      sealNonceBytes: SEAL_NONCE_BYTES,
      clockNonceBytes: CLOCK_NONCE_BYTES,
      challengeNonceBytes: CHALLENGE_NONCE_BYTES,
      sessionNonceBytes: SESSION_NONCE_BYTES,
      sessionOverheadBytes: SESSION_OVERHEAD_BYTES,
      sessionBufferMin: MIN_SESSION_BUFFER_BYTES,
      actBytes: ACT_BYTES,
      recordsBytesDefault: DEFAULT_RECORDS_BYTES,
      putMax: MAX_PUT_BYTES,
      putPieceMax: PUT_PIECE_BYTES,
      approvalsMax: MAX_APPROVALS,
      mediatorsMax: MAX_MEDIATORS,
      handshakeMs: HANDSHAKE_MS,
      pressSeconds: PRESS_SECONDS,
      visitSecondsMax: LONGEST_VISIT_SECONDS,
      gatewayCertificateSecondsMax: MAX_GATEWAY_SECONDS,
    },
  },
  {
    ...{ section: 'Serial', says: 'Lines of the serial transport.', prefix: 'serial' },
    values: { lineMax: MAX_LINE_BYTES, first0: 0x06, first1: 0x09, more0: 0x04, more1: 0x14 },
  },
  {
    ...{ section: 'SMP', says: 'Header, operations and groups.', prefix: 'smp' },
    values: { headerBytes: HEADER_BYTES, groupOs: OS_GROUP, groupTimeband: TIMEBAND_GROUP },
  },
  { section: 'SMP', says: 'Operations.', prefix: 'op', values: OP },
  { section: 'SMP', says: 'Commands of the OS group.', prefix: 'os', values: OS_COMMAND },
  { section: 'SMP', says: 'Result codes of SMP itself.', prefix: 'rc', values: RC },
  { section: 'Commands', says: 'Commands of the group of ours.', prefix: 'cmd', values: COMMAND_IDS },
  { section: 'Commands', says: 'Its result codes.', prefix: 'refusal', values: REFUSAL },
  { section: 'Put', says: 'What is handed over.', prefix: 'put', values: PUT_WHAT },
  { section: 'Session', says: 'How a session begins.', prefix: 'handshake', values: HANDSHAKE_METHOD },
  { section: 'Feedback', says: 'What a reader shows.', prefix: 'outcome', values: OUTCOME },
  { section: 'Feedback', says: 'Why it is no more than that.', prefix: 'because', values: BECAUSE },
  { section: 'Answer', says: 'What a band confirms.', prefix: 'challenge', values: CHALLENGE_WHAT },
  {
    section: 'Answer',
    says: 'In which direction.',
    prefix: 'challengeDirection',
    values: CHALLENGE_DIRECTION,
  },
  { section: 'Keys and COSE', says: 'Algorithms.', prefix: 'alg', values: ALG },
  { section: 'Certificate', says: 'What a certified key may do.', prefix: 'role', values: ROLE },
  { section: 'Policy', says: 'Types of document.', prefix: 'policy', values: POLICY_TYPE },
  { section: 'Record', says: 'Kinds of record.', prefix: 'kind', values: KIND },
  { section: 'Punch', says: 'Check-in and check-out.', prefix: 'direction', values: DIRECTION },
  { section: 'Device', says: 'What a device says of itself.', prefix: 'device', values: DEVICE_EVENT },
  { section: 'Device', says: 'What should not have happened.', prefix: 'tamper', values: TAMPER },
  { section: 'Attest', says: 'Who confirms a visit.', prefix: 'confirmedBy', values: CONFIRMED_BY },
  { section: 'Activity', says: 'Phases.', prefix: 'activity', values: ACTIVITY_PHASE },
  { section: 'Redeem', says: 'Phases.', prefix: 'redeem', values: REDEEM_PHASE },
  { section: 'Redeem', says: 'Why a hold is released.', prefix: 'release', values: RELEASE_REASON },
  { section: 'Meal', says: 'Phases.', prefix: 'meal', values: MEAL_PHASE },
  { section: 'Meal', says: 'Meals of a day.', prefix: 'mealSlot', values: MEAL_SLOT },
  { section: 'Request', says: 'Phases.', prefix: 'request', values: REQUEST_PHASE },
  { section: 'Request', says: 'Levels.', prefix: 'level', values: REQUEST_LEVEL },
  { section: 'Request', says: 'Urgency.', prefix: 'urgency', values: URGENCY },
  { section: 'Request', says: 'Categories.', prefix: 'category', values: CATEGORY },
  { section: 'Mediate', says: 'Outcomes.', prefix: 'mediation', values: MEDIATION_OUTCOME },
  { section: 'Enrol', says: 'Steps.', prefix: 'enrol', values: ENROL_STEP },
  { section: 'Enrol', says: 'Reasons.', prefix: 'enrolReason', values: ENROL_REASON },
  { section: 'Correct', says: 'Sorts.', prefix: 'correction', values: CORRECTION_SORT },
  { section: 'Correct', says: 'Reasons.', prefix: 'correctionReason', values: CORRECTION_REASON },
  { section: 'Transfer', says: 'Sorts.', prefix: 'transfer', values: TRANSFER_SORT },
  {
    section: 'Policy record',
    says: 'What became of a document.',
    prefix: 'policyOutcome',
    values: POLICY_OUTCOME,
  },
  {
    ...{ section: 'Bluetooth LE', says: 'Sizes.', prefix: 'ble' },
    values: { advertBytes: ADVERT_BYTES, irkBytes: IRK_BYTES, addressBytes: ADDRESS_BYTES },
  },
];

/** Most significant byte first, as people write them; a Bluetooth stack may want them the other way round. */
const UUIDS = {
  bleSmpServiceUuid: SMP_SERVICE_UUID,
  bleSmpCharacteristicUuid: SMP_CHARACTERISTIC_UUID,
} as const;

/** `TB_CMD_SEAL` for the prefix `cmd` and the name `seal`. */
export function macroName(prefix: string, name: string): string {
  const words = [prefix, name].filter((word) => word !== '').join('_');
  return `TB_${words
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(' ', '_')
    .toUpperCase()}`;
}

export function cHeader(): string {
  const width = Math.max(
    ...SECTIONS.flatMap(({ prefix, values }) =>
      Object.keys(values).map((name) => macroName(prefix, name).length),
    ),
  );
  const sections = SECTIONS.map(({ section, says, prefix, values }) => {
    const lines = Object.entries(values).map(
      ([name, value]) =>
        `#define ${macroName(prefix, name).padEnd(width)} ${value < 0 ? `(${value})` : value}`,
    );
    return [`/* SPEC.md, ${section}. ${says} */`, ...lines].join('\n');
  });
  const uuids = Object.entries(UUIDS).map(([name, hex]) => {
    const bytes = (hex.match(/../g) ?? []).map((byte) => `0x${byte}`);
    return `#define ${macroName('', name)} \\\n  { ${bytes.slice(0, 8).join(', ')}, \\\n    ${bytes.slice(8).join(', ')} }`;
  });
  return `/*
 * Numbers and limits of the Timeband protocol, version 1, for firmware. SPEC.md says what they mean.
 * Made from the protocol's source by \`npm run generated\`: change it there.
 */
#ifndef TIMEBAND_H
#define TIMEBAND_H

${sections.join('\n\n')}

/* SPEC.md, Bluetooth LE. The most significant byte stands first. */
${uuids.join('\n')}

#endif /* TIMEBAND_H */
`;
}
