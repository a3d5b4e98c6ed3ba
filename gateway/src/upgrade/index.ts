export { type Outcome, readJournal, readOutcome } from './journal.js';
export { Releases } from './releases.js';
export { resumeUpgrade, takeBack, upgradeTo, type UpgradeOptions } from './upgrade.js';
export { UpgradeError } from './upgrade-error.js';
