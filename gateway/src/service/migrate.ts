/** Brings the file of settings to the shape of this gateway, where it may be written. */
import { type Config, type ConfigSources, migrateFile, readSettings } from '../config/index.js';

const NOT_OURS = ['EACCES', 'EPERM', 'EROFS'];

export interface Prepared {
  readonly read: () => Config;
  readonly remarks: readonly string[];
}

/** A file that is wrong is not touched. @throws ConfigError */
export function prepareSettings(file: string, sources: ConfigSources): Prepared {
  const read = (): Config => readSettings(file, sources).config;
  const { migrated } = readSettings(file, sources);
  if (migrated === undefined) return { read, remarks: [] };
  const { from, to, says } = migrated;
  try {
    const kept = migrateFile(file)?.kept ?? file;
    return {
      read,
      remarks: [
        `${file} was brought from version ${from} to ${to}: ${says.join('; ')}. ${kept} is as it was.`,
      ],
    };
  } catch (error) {
    if (!NOT_OURS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return {
      read,
      remarks: [
        `${file} is of version ${from} and may not be written here; it is understood as version ${to}`,
      ],
    };
  }
}
