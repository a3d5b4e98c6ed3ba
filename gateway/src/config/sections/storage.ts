/** Settings of what is kept: room on the disk, backups, and how long. */
import { z } from 'zod';

const HOUR_YEARS = 8_760;

const backup = z.strictObject({
  dir: z
    .string()
    .min(1)
    .describe(
      'Folder for backups, best on another disk; relative to dataDir. Each backup is a folder of its own in it.',
    ),
  everyHours: z
    .number()
    .min(0.01)
    .max(HOUR_YEARS)
    .default(24)
    .describe('A backup is made when the newest is older than this many hours.'),
  keep: z
    .int()
    .min(1)
    .max(10_000)
    .default(14)
    .describe('Newest backups that are kept; older ones are removed once a new one was verified.'),
  passphraseFile: z
    .string()
    .optional()
    .describe(
      'File with the passphrase that encrypts the keys in each backup; without it backups hold no keys. Relative to dataDir, readable by its owner alone.',
    ),
});

export const storageSection = z
  .strictObject({
    minFreeMb: z
      .number()
      .min(0)
      .default(100)
      .meta({ reload: true })
      .describe(
        'With less room than this on the disk of the database, in millions of bytes, nothing is stored and nothing acknowledged: records stay with their devices.',
      ),
    quarantineDays: z
      .int()
      .min(1)
      .default(365)
      .describe(
        'What was put into quarantine is kept for this many days. Records and events are never deleted.',
      ),
    trailDays: z
      .int()
      .min(180)
      .default(1_095)
      .describe(
        'What operators did stays in the trail for this many days; the chain of what is left holds all the same.',
      ),
    backup: backup
      .optional()
      .meta({ reload: true, example: { dir: '/mnt/backup', passphraseFile: 'backup.passphrase' } })
      .describe('Backups that the gateway makes by itself; without it there are those that people make.'),
  })
  .prefault({})
  .describe('Room on the disk, backups, and how long things are kept.');
