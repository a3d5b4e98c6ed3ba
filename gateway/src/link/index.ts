export { Backoff } from './backoff.js';
export { findPorts, type FoundPort } from './ports.js';
export {
  LinkSupervisor,
  type LinkReport,
  type LinkSession,
  type OpenedPort,
  type SessionReport,
  type SupervisorOptions,
} from './supervisor.js';
