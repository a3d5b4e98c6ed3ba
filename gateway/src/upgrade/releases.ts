/**
 * Versions of the gateway that stand beside each other on a box: `PREFIX/versions/VERSION`, with links `current` to the
 * one in use and `previous` to the one before.
 */
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UpgradeError } from './upgrade-error.js';

/** What `npm run package` wrote into a version. */
const releaseSchema = z.object({
  version: z.string().min(1),
  /** To which version it brings a database. */
  schema: z.int().min(1),
});

export interface Release extends z.infer<typeof releaseSchema> {
  readonly dir: string;
}

export type ReleaseLink = 'current' | 'previous';

export class Releases {
  constructor(readonly prefix: string) {}

  /** Where this program itself is installed. @throws UpgradeError in a checkout */
  static ofThisProgram(): Releases {
    // PREFIX/versions/VERSION/node_modules/@timeband/gateway/dist/upgrade/releases.js
    const version = resolve(realpathSync(fileURLToPath(import.meta.url)), '../../../../../..');
    const versions = dirname(version);
    if (basename(versions) !== 'versions' || !existsSync(join(version, 'RELEASE.json'))) {
      throw new UpgradeError(
        `this timeband-gateway was not installed from a package, so there is nothing to upgrade. Say where versions stand: --prefix DIR`,
      );
    }
    return new Releases(dirname(versions));
  }

  get journal(): string {
    return join(this.prefix, 'upgrade.json');
  }

  get lastOutcome(): string {
    return join(this.prefix, 'last-upgrade.json');
  }

  get all(): readonly Release[] {
    const versions = join(this.prefix, 'versions');
    if (!existsSync(versions)) return [];
    return readdirSync(versions)
      .filter((name) => existsSync(join(versions, name, 'RELEASE.json')))
      .map((name) => this.read(join(versions, name)));
  }

  /** @throws UpgradeError when it is no version */
  read(dir: string): Release {
    const file = join(dir, 'RELEASE.json');
    try {
      return { dir: realpathSync(dir), ...releaseSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
    } catch (error) {
      throw new UpgradeError(`${dir} is no version of the gateway: ${(error as Error).message}`);
    }
  }

  at(link: ReleaseLink): Release | undefined {
    const path = join(this.prefix, link);
    return existsSync(path) ? this.read(path) : undefined;
  }

  /** Puts a link to another version in one step: there is always one or the other. */
  point(link: ReleaseLink, { dir }: Pick<Release, 'dir'>): void {
    const path = join(this.prefix, link);
    const target = relative(realpathSync(this.prefix), dir);
    if (
      lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true &&
      readlinkSync(path) === target
    )
      return;
    rmSync(`${path}.new`, { force: true });
    symlinkSync(target, `${path}.new`);
    renameSync(`${path}.new`, path);
  }

  /** Removes what is neither in use nor what would be gone back to. @returns what was removed */
  prune(): readonly string[] {
    const kept = new Set([this.at('current')?.dir, this.at('previous')?.dir]);
    const idle = this.all.filter(({ dir }) => !kept.has(dir));
    for (const { dir } of idle) rmSync(dir, { recursive: true, force: true });
    return idle.map(({ version }) => version);
  }
}
