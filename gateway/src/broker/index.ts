export { addAccount, type Account, Accounts } from './accounts.js';
export { type Role, ROLES } from './acl.js';
export { type Broker, type BrokerOptions, type BrokerStats, createBroker } from './broker.js';
export { BrokerError, type BrokerErrorCode } from './errors.js';
export { PUMP_LIMITS, type PumpLimits } from './event-pump.js';
export type { Counters, CursorStore, EventSource, PublishedEvent, SessionCursor } from './ports.js';
