export { loadCredentials, loadTrust, trustIn, type Credentials, type SiteTrust } from './credentials.js';
export { BRING_IT, readNeeded, readSecret, replaceSecret, siteFiles, writeSecret } from './files.js';
export { ConfigError, loadConfig } from './load.js';
export { loadCertificates, TagKeys } from './tag-keys.js';
export { configSchema, type Config, type LinkConfig, type RadioConfig } from './schema.js';
export type { UplinkConfig } from './sections/uplink.js';
export { type BrokerConfig, type ListenerConfig, listenersOf } from './sections/broker.js';
