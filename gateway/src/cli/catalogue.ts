/** `timeband-gateway catalogue export|sign`: the services of a site and their prices, as a table and as a signed document. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { signPolicy } from '@timeband/protocol';
import type { Answers } from '../api/index.js';
import { catalogueBody } from '../ledger/catalogue.js';
import { CatalogueError, formatCatalogue, parseCatalogue } from '../ledger/catalogue-csv.js';
import { askLedger } from './ask-ledger.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { type IssuerKeyOptions, openIssuerKey } from './issuer-key.js';

interface ImportOptions extends IssuerKeyOptions {
  readonly csv: string;
  readonly site: string;
  readonly number: number;
  readonly out: string;
  readonly json?: true;
}

/** Every band keeps it: a document that is longer than this is no price list. */
const MOST_SERVICES = 1_000;

export function registerCatalogue(program: Command): void {
  const catalogue = program
    .command('catalogue')
    .description('the services that can be given and redeemed, with their prices')
    .addHelpText(
      'after',
      `
In three steps, of which the second is where the issuer key is:
  timeband-gateway catalogue export --csv catalogue.csv --config /var/lib/timeband/gateway.yaml
  timeband-gateway catalogue import --csv catalogue.csv --number 2 --site dahaiyang --issuer-key issuer.key --out catalogue.cose
  then name catalogue.cose under policy in the settings: a running gateway goes by it within seconds`,
    );
  catalogue
    .command('export')
    .description('write the catalogue in force as a table')
    .addOption(configOption())
    .option('--csv <file>', 'where to; printed when left out')
    .option('--number <number>', 'an earlier one', whole)
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `\nThe gateway has to run.\n\nExample:\n  timeband-gateway catalogue export --csv catalogue.csv --config gateway.yaml`,
    )
    .action(async (options: { config: string; csv?: string; number?: number; json?: true }) => {
      const { config, csv, number: version, json } = options;
      const found = await askLedger<Answers['catalogue']>(config, 'catalogue', { version });
      if (json === true) {
        console.log(JSON.stringify(found));
        return;
      }
      const text = formatCatalogue(found.services);
      if (csv === undefined) process.stdout.write(text);
      else {
        writeFileSync(csv, text);
        console.log(`catalogue ${found.version}, ${found.services.length} services, in ${csv}`);
      }
    });
  catalogue
    .command('import')
    .description('make of a table the document that a gateway and its readers go by, where the issuer key is')
    .requiredOption('--csv <file>', 'the table, as export writes it')
    .requiredOption('--site <id>', 'the site that it is for')
    .requiredOption('--number <number>', 'its number, higher than that of the one before', whole)
    .requiredOption('--issuer-key <file>', "the site's issuer key")
    .option('--issuer-passphrase-file <file>', 'passphrase of that key; asked for when it is needed')
    .option('--out <file>', 'where to', 'catalogue.cose')
    .option('--json', 'print what was made as JSON')
    .addHelpText(
      'after',
      `\nNothing changes until the settings of a gateway name the file under policy.\n\nExample:\n  timeband-gateway catalogue import --csv catalogue.csv --number 2 --site dahaiyang --issuer-key issuer.key`,
    )
    .action(async (options: ImportOptions) => {
      const { csv, site, number, out, json } = options;
      const services = readTable(csv);
      const key = await openIssuerKey(options);
      const issued = Math.floor(Date.now() / 1_000);
      const body = catalogueBody(services);
      const document = signPolicy(key, { number, issued, site }, { type: 'catalogue', body });
      writeFileSync(out, document);
      if (json === true) console.log(JSON.stringify({ document: out, number, services: services.length }));
      else
        console.log(
          `catalogue ${number} of ${site}, ${services.length} services, in ${out}. On the box: bring it, and name it under policy in the settings.`,
        );
    });
}

/** @throws CommandFailure */
function readTable(file: string): ReturnType<typeof parseCatalogue> {
  try {
    const services = parseCatalogue(readFileSync(file, 'utf8'));
    if (services.length === 0 || services.length > MOST_SERVICES)
      throw new CatalogueError(`it has ${services.length} services; 1 to ${MOST_SERVICES} can be`);
    return services;
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file}: ${error.message}`);
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
    throw new InvalidArgumentError('It has to be a whole number.');
  return value;
}
