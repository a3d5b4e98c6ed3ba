/** Makes the page that checks receipts: one HTML file with everything in it, for any browser, also from a disk. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PACKAGE = new URL(import.meta.url.includes('/dist/') ? '../../' : '../', import.meta.url);
const SOURCE = new URL('receipt-page/', PACKAGE);
/** Where `bandctl receipt-page` looks for it. */
const MADE = new URL('dist/receipt-page/receipt.html', PACKAGE);

/** The page, without any issuer's certificate. */
export async function buildReceiptPage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', SOURCE))],
    ...{ bundle: true, write: false, minify: true, format: 'esm', platform: 'browser', target: 'es2022' },
    conditions: ['@timeband/source', 'browser'],
    charset: 'utf8',
    legalComments: 'none',
  });
  // An end tag within a string would end the script.
  const script = (outputFiles[0]?.text ?? '').replaceAll('</script', String.raw`<\/script`);
  const hash = createHash('sha256').update(script).digest('base64');
  const html = readFileSync(new URL('page.html', SOURCE), 'utf8');
  return html
    .replace('SCRIPT-HASH', `sha256-${hash}`)
    .replace(/<script type="module">[^]*?<\/script>/, () => `<script type="module">${script}</script>`);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('.', MADE), { recursive: true });
  writeFileSync(MADE, await buildReceiptPage());
}
