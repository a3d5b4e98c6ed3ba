export { checkBackup, type CheckedBackup, type CheckOptions } from './check.js';
export { DRAFT } from './contents.js';
export type { CityEvents } from './city-events.js';
export { makeBackup, type BackupOptions } from './make.js';
export { BackupError, CONFIG, MANIFEST, type Manifest, readManifest } from './manifest.js';
export { restoreBackup, type Restored, type RestoreOptions } from './restore.js';
export { type BackupReport, BackupSchedule } from './schedule.js';
