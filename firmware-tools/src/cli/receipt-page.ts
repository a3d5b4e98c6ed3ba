/** `bandctl receipt-page`: the page with which anybody checks receipts of a site, with its certificate inside. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { withAnchors } from '../receipt/page-anchors.js';
import type { Environment } from './environment.js';
import { readFileOr } from './files.js';
import { readTrust } from './trust.js';

/** The same place from sources and from what was built of them. */
const PAGE = fileURLToPath(new URL('../../dist/receipt-page/receipt.html', import.meta.url));

export function registerReceiptPage(program: Command, environment: Environment): void {
  program
    .command('receipt-page')
    .description('make the page that checks receipts in a browser, without a server and without a network')
    .requiredOption('--issuer <file>', "the site's issuer certificate (issuer.cwt), to put inside")
    .requiredOption('--out <file>', 'where to write it')
    .option('--root <file>', "the city's root certificate, when it certified the issuer")
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
One HTML file: put it on a USB stick, a phone or any web server. It sends nothing.

Example:
  bandctl receipt-page --issuer issuer.cwt --out receipt.html`,
    )
    .action(({ issuer, root, out, json }: { issuer: string; root?: string; out: string; json?: true }) => {
      const { site } = readTrust({ issuer, ...(root === undefined ? {} : { root }) });
      const page = new TextDecoder().decode(readFileOr(PAGE, 'the page, which the build makes'));
      const anchors = {
        issuer: readFileOr(issuer, 'the issuer certificate'),
        root: root === undefined ? undefined : readFileOr(root, 'the root certificate'),
      };
      writeFileSync(out, withAnchors(page, anchors));
      environment.print(
        json === true ? JSON.stringify({ page: out, site }) : `${out} believes receipts of ${site}`,
      );
    });
}
