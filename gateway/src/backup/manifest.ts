/** What a backup says of itself: what made it, up to which event, and of each file its length and SHA-256. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ExpectedError } from '../expected-error.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.strictObject({
  format: z.literal('timeband-backup-1'),
  /** The program that made it. */
  version: z.string(),
  site: z.string(),
  gateway: z.string(),
  /** Unix seconds. */
  made: z.int().min(0),
  /** The newest event in the database; absent before the first. */
  head: z.strictObject({ epoch: z.int(), seq: z.int(), hash }).optional(),
  files: z.array(
    z.strictObject({
      path: z.string().refine((path) => !/^\/|(^|\/)\.\.(\/|$)/.test(path), 'a path within the backup'),
      bytes: z.int().min(0),
      sha256: hash,
    }),
  ),
  /** What stood beside the database and is not in the backup, and why. */
  leftOut: z.array(z.strictObject({ path: z.string(), because: z.string() })),
});

export type Manifest = z.infer<typeof schema>;
export type ManifestFile = Manifest['files'][number];

export const MANIFEST = 'manifest.json';
export const DATABASE = 'gateway.db';
export const SECRETS = 'secrets.sealed';
export const CONFIG = 'gateway.yaml';

/** A backup that is not what it says it is, or that cannot be made or used as it was asked. */
export class BackupError extends ExpectedError {
  override readonly name = 'BackupError';
}

/** Its last file: a folder without it is no backup. */
export function writeManifest(dir: string, manifest: Manifest): void {
  writeFileSync(join(dir, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`, {
    ...{ mode: 0o600, flag: 'wx', flush: true },
  });
}

/** @throws BackupError */
export function readManifest(dir: string): Manifest {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(dir, MANIFEST), 'utf8'));
  } catch (error) {
    throw new BackupError(`${dir} is no backup, or it was not finished: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new BackupError(
    `${join(dir, MANIFEST)} is not of a backup that this version knows: ${z.prettifyError(parsed.error)}`,
  );
}

/** Reads a file as it stands on the disk. @returns its line of the manifest */
export async function describeFile(dir: string, path: string): Promise<ManifestFile> {
  const digest = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(join(dir, path)), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      digest.update(chunk);
    }
  });
  return { path, bytes, sha256: digest.digest('hex') };
}

/** @throws BackupError naming the first file that is missing or another one */
export async function checkFiles(dir: string, { files }: Manifest): Promise<void> {
  for (const file of files) {
    let found: ManifestFile;
    try {
      found = await describeFile(dir, file.path);
    } catch (error) {
      throw new BackupError(`${file.path} of the backup cannot be read: ${(error as Error).message}`);
    }
    if (found.sha256 !== file.sha256)
      throw new BackupError(`${file.path} of the backup was changed or is damaged`);
  }
}
