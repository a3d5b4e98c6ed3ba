/** To which version the built gateway brings a database. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @throws Error when nothing is built */
export async function schemaVersion(root: string): Promise<number> {
  const file = join(root, 'gateway/dist/store/schema.js');
  if (!existsSync(file)) throw new Error('the gateway is not built. Run: npm run build');
  const { MIGRATIONS } = (await import(pathToFileURL(file).href)) as {
    readonly MIGRATIONS: readonly string[];
  };
  return MIGRATIONS.length;
}
