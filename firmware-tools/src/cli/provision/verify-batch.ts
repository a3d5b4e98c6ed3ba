/** `bandctl verify-batch`: whether a report is as the bench wrote it. */
import type { Command } from 'commander';
import { openIssuerCertificate, TimebandError } from '@timeband/protocol';
import { verifySigned } from '../../station/index.js';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT } from '../exit-codes.js';
import { readFileOr } from '../files.js';

export function registerVerifyBatch(program: Command, environment: Environment): void {
  program
    .command('verify-batch')
    .description('check that a batch report is as the station signed it')
    .argument('<file>', 'batch-….csv or .pdf, with its .sig beside it')
    .requiredOption('--issuer <file>', "the site's issuer certificate (issuer.cwt)")
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  bandctl verify-batch batch-20260701T090000.csv --issuer issuer.cwt')
    .action((file: string, { issuer, json }: { readonly issuer: string; readonly json?: true }) => {
      readFileOr(file, 'the report');
      readFileOr(`${file}.sig`, 'its signature');
      try {
        verifySigned(file, openIssuerCertificate(readFileOr(issuer, 'the issuer certificate')));
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
        if (json === true) environment.print(JSON.stringify({ file, verdict: 'refused', code: error.code }));
        throw new CommandFailure(EXIT.refused, `${file} is not what was signed: ${error.message}`);
      }
      environment.print(
        json === true ? JSON.stringify({ file, verdict: 'good' }) : `${file} is as it was signed`,
      );
    });
}
