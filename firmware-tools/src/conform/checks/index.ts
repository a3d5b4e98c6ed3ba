/** Every check, in the order in which they run. */
import type { Check } from '../check.js';
import { ACK } from './ack.js';
import { BYTES } from './bytes.js';
import { CLOCK } from './clock.js';
import { COMMANDS } from './commands.js';
import { DOCUMENTS } from './documents.js';
import { ERRORS } from './errors.js';
import { FEEDBACK } from './feedback.js';
import { FLASH } from './flash.js';
import { FRAMING } from './framing.js';
import { LOG } from './log.js';
import { PACKETS } from './packets.js';
import { POWER } from './power.js';
import { PROVISIONING } from './provisioning.js';
import { ROSTER } from './roster.js';
import { SEAL } from './seal.js';
import { SESSION } from './session.js';
import { TRUST } from './trust.js';

export const CHECKS: readonly Check[] = [
  ...[FRAMING, PACKETS, ERRORS, BYTES, COMMANDS, LOG, ROSTER, SEAL, TRUST, ACK, CLOCK, FEEDBACK],
  ...[DOCUMENTS, PROVISIONING, SESSION, POWER, FLASH],
].flat();
