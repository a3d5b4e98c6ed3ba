/** What tests of every package share. Not part of the protocol. */
export { ManualTimers } from './manual-timers.js';
