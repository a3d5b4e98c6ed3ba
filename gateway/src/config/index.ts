export { loadCredentials, type Credentials } from './credentials.js';
export { BRING_IT, readNeeded, readSecret, siteFiles, writeSecret } from './files.js';
export { ConfigError, loadConfig } from './load.js';
export { loadCertificates, TagKeys } from './tag-keys.js';
export { configSchema, type Config, type LinkConfig, type RadioConfig } from './schema.js';
