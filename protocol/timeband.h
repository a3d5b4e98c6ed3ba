/*
 * Numbers and limits of the Timeband protocol, version 1, for firmware. SPEC.md says what they mean.
 * Made from the protocol's source by `npm run generated`: change it there.
 */
#ifndef TIMEBAND_H
#define TIMEBAND_H

/* SPEC.md, Limits. Sizes in bytes, times in seconds or milliseconds. */
#define TB_ID_MAX                          40
#define TB_HASH_BYTES                      32
#define TB_LOG_ID_BYTES                    16
#define TB_KID_BYTES                       8
#define TB_SALT_BYTES                      8
#define TB_SIGNATURE_BYTES                 64
#define TB_SEAL_NONCE_BYTES                16
#define TB_CLOCK_NONCE_BYTES               8
#define TB_CHALLENGE_NONCE_BYTES           16
#define TB_SESSION_NONCE_BYTES             16
#define TB_SESSION_OVERHEAD_BYTES          28
#define TB_SESSION_BUFFER_MIN              512
#define TB_ACT_BYTES                       32
#define TB_RECORDS_BYTES_DEFAULT           352
#define TB_PUT_MAX                         16384
#define TB_PUT_PIECE_MAX                   320
#define TB_APPROVALS_MAX                   4
#define TB_MEDIATORS_MAX                   4
#define TB_HANDSHAKE_MS                    5000
#define TB_PRESS_SECONDS                   10
#define TB_VISIT_SECONDS_MAX               43200
#define TB_GATEWAY_CERTIFICATE_SECONDS_MAX 7776000

/* SPEC.md, Serial. Lines of the serial transport. */
#define TB_SERIAL_LINE_MAX                 127
#define TB_SERIAL_FIRST0                   6
#define TB_SERIAL_FIRST1                   9
#define TB_SERIAL_MORE0                    4
#define TB_SERIAL_MORE1                    20

/* SPEC.md, SMP. Header, operations and groups. */
#define TB_SMP_HEADER_BYTES                8
#define TB_SMP_GROUP_OS                    0
#define TB_SMP_GROUP_TIMEBAND              84

/* SPEC.md, SMP. Operations. */
#define TB_OP_READ                         0
#define TB_OP_READ_RESPONSE                1
#define TB_OP_WRITE                        2
#define TB_OP_WRITE_RESPONSE               3

/* SPEC.md, SMP. Commands of the OS group. */
#define TB_OS_ECHO                         0
#define TB_OS_RESET                        5
#define TB_OS_PARAMETERS                   6
#define TB_OS_BOOTLOADER                   8

/* SPEC.md, SMP. Result codes of SMP itself. */
#define TB_RC_UNKNOWN                      1
#define TB_RC_INVALID                      3
#define TB_RC_NOT_FOUND                    5
#define TB_RC_BAD_STATE                    6
#define TB_RC_MESSAGE_SIZE                 7
#define TB_RC_NOT_SUPPORTED                8
#define TB_RC_BUSY                         10
#define TB_RC_ACCESS_DENIED                11

/* SPEC.md, Commands. Commands of the group of ours. */
#define TB_CMD_IDENTITY                    0
#define TB_CMD_STATUS                      1
#define TB_CMD_RECORDS                     2
#define TB_CMD_SEAL                        3
#define TB_CMD_ACK                         4
#define TB_CMD_CLOCK_NONCE                 5
#define TB_CMD_CLOCK                       5
#define TB_CMD_FEEDBACK                    6
#define TB_CMD_HELLO                       7
#define TB_CMD_CERTIFICATE                 8
#define TB_CMD_HANDSHAKE                   9
#define TB_CMD_POLICIES                    10
#define TB_CMD_PUT                         10
#define TB_CMD_CHALLENGE                   11
#define TB_CMD_MEET                        12
#define TB_CMD_ATTEST                      13
#define TB_CMD_FACTORY                     14
#define TB_CMD_MAKE_KEY                    14
#define TB_CMD_POSSESSION                  15
#define TB_CMD_RESOLVING_KEY               16

/* SPEC.md, Commands. Its result codes. */
#define TB_REFUSAL_NOT_AVAILABLE           2
#define TB_REFUSAL_NOT_TRUSTED             3
#define TB_REFUSAL_UNKNOWN_GATEWAY         4
#define TB_REFUSAL_STALE_NONCE             5
#define TB_REFUSAL_HASH_MISMATCH           6
#define TB_REFUSAL_NOT_SEALED              7
#define TB_REFUSAL_NOT_INTRODUCED          8
#define TB_REFUSAL_NOT_PRESSED             9
#define TB_REFUSAL_BUSY                    10
#define TB_REFUSAL_DISAGREES               12
#define TB_REFUSAL_NOT_PROVISIONED         13
#define TB_REFUSAL_PROVISIONED             14
#define TB_REFUSAL_UNACKNOWLEDGED          15

/* SPEC.md, Put. What is handed over. */
#define TB_PUT_POLICY                      1
#define TB_PUT_RECEIPT                     2
#define TB_PUT_CERTIFICATE                 3
#define TB_PUT_GRANT                       4
#define TB_PUT_WIPE                        5

/* SPEC.md, Session. How a session begins. */
#define TB_HANDSHAKE_EDHOC                 1
#define TB_HANDSHAKE_MUTUAL_MAC            2

/* SPEC.md, Feedback. What a reader shows. */
#define TB_OUTCOME_ACCEPTED                1
#define TB_OUTCOME_REFUSED                 2
#define TB_OUTCOME_QUEUED                  3

/* SPEC.md, Feedback. Why it is no more than that. */
#define TB_BECAUSE_PROOF                   1
#define TB_BECAUSE_UNKNOWN                 2
#define TB_BECAUSE_AGAIN                   3
#define TB_BECAUSE_NOTHING                 4
#define TB_BECAUSE_TOO_FEW                 5

/* SPEC.md, Answer. What a band confirms. */
#define TB_CHALLENGE_PUNCH                 1
#define TB_CHALLENGE_REDEEM                2
#define TB_CHALLENGE_ENROL                 3
#define TB_CHALLENGE_POSSESSION            4

/* SPEC.md, Answer. In which direction. */
#define TB_CHALLENGE_DIRECTION_NONE        0
#define TB_CHALLENGE_DIRECTION_IN          1
#define TB_CHALLENGE_DIRECTION_OUT         2

/* SPEC.md, Keys and COSE. Algorithms. */
#define TB_ALG_ED_DSA                      (-8)
#define TB_ALG_ES256                       (-7)
#define TB_ALG_HMAC256                     5

/* SPEC.md, Certificate. What a certified key may do. */
#define TB_ROLE_ROOT                       1
#define TB_ROLE_ISSUER                     2
#define TB_ROLE_GATEWAY                    3
#define TB_ROLE_READER                     4
#define TB_ROLE_BAND                       5
#define TB_ROLE_OPERATOR                   6
#define TB_ROLE_TECHNICIAN                 7

/* SPEC.md, Policy. Types of document. */
#define TB_POLICY_CATALOGUE                1
#define TB_POLICY_RULES                    2
#define TB_POLICY_REVOCATIONS              3
#define TB_POLICY_KEYS                     4
#define TB_POLICY_PRIMARY                  5

/* SPEC.md, Record. Kinds of record. */
#define TB_KIND_ENROL                      1
#define TB_KIND_PUNCH                      2
#define TB_KIND_ATTEST                     3
#define TB_KIND_ACTIVITY                   4
#define TB_KIND_REDEEM                     5
#define TB_KIND_MEAL                       6
#define TB_KIND_REQUEST                    7
#define TB_KIND_MEDIATE                    8
#define TB_KIND_CORRECT                    9
#define TB_KIND_TRANSFER                   10
#define TB_KIND_DEVICE                     11
#define TB_KIND_POLICY                     12

/* SPEC.md, Punch. Check-in and check-out. */
#define TB_DIRECTION_IN                    1
#define TB_DIRECTION_OUT                   2

/* SPEC.md, Device. What a device says of itself. */
#define TB_DEVICE_BOOT                     1
#define TB_DEVICE_CLOCK_STEP               2
#define TB_DEVICE_LOG_OPENED               3
#define TB_DEVICE_FULL                     4
#define TB_DEVICE_KEY_CHANGED              5
#define TB_DEVICE_BATTERY                  6
#define TB_DEVICE_TAMPER                   7
#define TB_DEVICE_QUEUE                    8
#define TB_DEVICE_FIRMWARE                 9
#define TB_DEVICE_EVENTS_CONTINUED         10

/* SPEC.md, Device. What should not have happened. */
#define TB_TAMPER_CASE_OPENED              1
#define TB_TAMPER_STRAP_CUT                2
#define TB_TAMPER_DEBUG_PORT               3
#define TB_TAMPER_MEMORY                   4

/* SPEC.md, Attest. Who confirms a visit. */
#define TB_CONFIRMED_BY_RECIPIENT          1
#define TB_CONFIRMED_BY_CARER              2
#define TB_CONFIRMED_BY_STAFF              3

/* SPEC.md, Activity. Phases. */
#define TB_ACTIVITY_PLANNED                1
#define TB_ACTIVITY_OPENED                 2
#define TB_ACTIVITY_CLOSED                 3
#define TB_ACTIVITY_CANCELLED              4

/* SPEC.md, Redeem. Phases. */
#define TB_REDEEM_HOLD                     1
#define TB_REDEEM_CAPTURE                  2
#define TB_REDEEM_RELEASE                  3

/* SPEC.md, Redeem. Why a hold is released. */
#define TB_RELEASE_CANCELLED               1
#define TB_RELEASE_NO_SHOW                 2
#define TB_RELEASE_SUPPLIER_CANCELLED      3
#define TB_RELEASE_EXPIRED                 4

/* SPEC.md, Meal. Phases. */
#define TB_MEAL_ORDERED                    1
#define TB_MEAL_PACKED                     2
#define TB_MEAL_COLLECTED                  3
#define TB_MEAL_DELIVERED                  4
#define TB_MEAL_CANCELLED                  5

/* SPEC.md, Meal. Meals of a day. */
#define TB_MEAL_SLOT_BREAKFAST             1
#define TB_MEAL_SLOT_LUNCH                 2
#define TB_MEAL_SLOT_DINNER                3

/* SPEC.md, Request. Phases. */
#define TB_REQUEST_OPEN                    1
#define TB_REQUEST_ACK                     2
#define TB_REQUEST_ASSIGN                  3
#define TB_REQUEST_ESCALATE                4
#define TB_REQUEST_RESOLVE                 5
#define TB_REQUEST_CONFIRM                 6

/* SPEC.md, Request. Levels. */
#define TB_LEVEL_GRID                      1
#define TB_LEVEL_COMMUNITY                 2
#define TB_LEVEL_STREET                    3
#define TB_LEVEL_CITY                      4

/* SPEC.md, Request. Urgency. */
#define TB_URGENCY_ROUTINE                 1
#define TB_URGENCY_SOON                    2
#define TB_URGENCY_URGENT                  3

/* SPEC.md, Request. Categories. */
#define TB_CATEGORY_HELP                   1
#define TB_CATEGORY_HEALTH                 2
#define TB_CATEGORY_CARE                   3
#define TB_CATEGORY_REPAIR                 4
#define TB_CATEGORY_SAFETY                 5
#define TB_CATEGORY_ENVIRONMENT            6
#define TB_CATEGORY_NEIGHBOURS             7
#define TB_CATEGORY_OTHER                  8

/* SPEC.md, Mediate. Outcomes. */
#define TB_MEDIATION_SETTLED               1
#define TB_MEDIATION_PARTLY                2
#define TB_MEDIATION_UNSETTLED             3
#define TB_MEDIATION_ADJOURNED             4
#define TB_MEDIATION_REFERRED              5

/* SPEC.md, Enrol. Steps. */
#define TB_ENROL_ISSUED                    1
#define TB_ENROL_REPLACED                  2
#define TB_ENROL_REVOKED                   3

/* SPEC.md, Enrol. Reasons. */
#define TB_ENROL_REASON_LOST               1
#define TB_ENROL_REASON_COMPROMISED        2
#define TB_ENROL_REASON_REPLACED           3
#define TB_ENROL_REASON_RETIRED            4

/* SPEC.md, Correct. Sorts. */
#define TB_CORRECTION_VOID                 1
#define TB_CORRECTION_AMEND                2
#define TB_CORRECTION_LATE_ENTRY           3

/* SPEC.md, Correct. Reasons. */
#define TB_CORRECTION_REASON_FORGOTTEN_IN  1
#define TB_CORRECTION_REASON_FORGOTTEN_OUT 2
#define TB_CORRECTION_REASON_WRONG_SERVICE 3
#define TB_CORRECTION_REASON_WRONG_PERSON  4
#define TB_CORRECTION_REASON_WRONG_MINUTES 5
#define TB_CORRECTION_REASON_DUPLICATE     6
#define TB_CORRECTION_REASON_DEVICE_FAULT  7
#define TB_CORRECTION_REASON_NO_DEVICE     8
#define TB_CORRECTION_REASON_FRAUD         9

/* SPEC.md, Transfer. Sorts. */
#define TB_TRANSFER_GIFT                   1
#define TB_TRANSFER_DONATION               2
#define TB_TRANSFER_GRANT                  3
#define TB_TRANSFER_SETTLEMENT             4
#define TB_TRANSFER_WELCOME                5

/* SPEC.md, Policy record. What became of a document. */
#define TB_POLICY_OUTCOME_APPLIED          1
#define TB_POLICY_OUTCOME_REFUSED          2

/* SPEC.md, Bluetooth LE. Sizes. */
#define TB_BLE_ADVERT_BYTES                10
#define TB_BLE_IRK_BYTES                   16
#define TB_BLE_ADDRESS_BYTES               6

/* SPEC.md, Bluetooth LE. The most significant byte stands first. */
#define TB_BLE_SMP_SERVICE_UUID \
  { 0x8d, 0x53, 0xdc, 0x1d, 0x1d, 0xb7, 0x4c, 0xd3, \
    0x86, 0x8b, 0x8a, 0x52, 0x74, 0x60, 0xaa, 0x84 }
#define TB_BLE_SMP_CHARACTERISTIC_UUID \
  { 0xda, 0x2e, 0x78, 0x28, 0xfb, 0xce, 0x4e, 0x01, \
    0xae, 0x9e, 0x26, 0x11, 0x74, 0x99, 0x7c, 0x48 }

#endif /* TIMEBAND_H */
