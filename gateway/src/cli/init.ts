import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { initSite } from '../ops/init.js';
import { renewServerCertificate } from '../tls/index.js';
import { nextSteps } from './next-steps.js';
import { serverNames } from './tls.js';

interface Options {
  readonly site: string;
  readonly gateway: string;
  readonly link: string[];
  readonly mqttPort: number;
  readonly tlsName?: string[];
  readonly issuerPassphraseFile?: string;
  readonly json?: boolean;
}

/** `timeband-gateway init DIR` */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('make a new site: keys, certificates, accounts file and configuration')
    .argument('<dir>', 'folder to make it in')
    .requiredOption('--site <id>', 'the community centre, for example dahaiyang')
    .option('--gateway <id>', 'this box', 'gw-1')
    .option('--link <glob>', 'where readers are plugged in; may be given more than once', collect, [])
    .option('--mqtt-port <port>', 'port of the MQTT broker on this machine', port, 1883)
    .option(
      '--tls-name <name>',
      'host name or address by which MQTT clients reach this box over TLS; may be given more than once',
      serverNames,
    )
    .option('--issuer-passphrase-file <file>', 'encrypt the issuer key with the passphrase in this file')
    .option('--json', 'print the files made as JSON')
    .addHelpText(
      'after',
      '\nNothing that is there is overwritten.\n\nExample:\n  timeband-gateway init /var/lib/timeband --site dahaiyang',
    )
    .action(async (dir: string, options: Options) => {
      const { site, gateway, tlsName: names } = options;
      const now = Math.floor(Date.now() / 1_000);
      const passphraseFile = options.issuerPassphraseFile;
      const files = initSite({
        dir: resolve(dir),
        ...{ site, gateway, now },
        links: options.link,
        mqttPort: options.mqttPort,
        issuerPassphrase: passphraseFile && readFileSync(passphraseFile, 'utf8').trim(),
      });
      await renewServerCertificate(files, { site, gateway, names, now });
      if (options.json === true) {
        console.log(JSON.stringify(files));
        return;
      }
      console.log(nextSteps({ dir: resolve(dir), site, files }));
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return number;
}
