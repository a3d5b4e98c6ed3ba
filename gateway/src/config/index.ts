export {
  loadCredentials,
  loadTrust,
  openOwnCertificate,
  trustIn,
  type Credentials,
  type SiteTrust,
} from './credentials.js';
export {
  BRING_IT,
  readNeeded,
  readSecret,
  replaceFile,
  replaceSecret,
  siteFiles,
  writeSecret,
} from './files.js';
export { type Changes, changesBetween } from './changes.js';
export { describeOrigin, type EffectiveSetting, effectiveSettings } from './effective.js';
export { ConfigError } from './error.js';
export { loadConfig, readSettings, type Settings } from './load.js';
export { type Migrated, migrateFile } from './migrations.js';
export { SETTINGS, type Setting } from './settings-tree.js';
export { CONFIG_VARIABLE, type ConfigSources, type Origin } from './sources.js';
export { loadCertificates, TagKeys } from './tag-keys.js';
export { configSchema, type Config, type LinkConfig, type RadioConfig } from './schema.js';
export { linkOf, type TagReaderConfig } from './sections/tag-readers.js';
export type { ApiConfig } from './sections/api.js';
export type { ForwardConfig, PeerConfig } from './sections/forward.js';
export type { UplinkConfig } from './sections/uplink.js';
export { type BrokerConfig, type ListenerConfig, listenersOf } from './sections/broker.js';
export { settingsPage } from './page.js';
export { siteFileText } from './template.js';
export { LiveCredentials } from './live-credentials.js';
