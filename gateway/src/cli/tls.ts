import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { bindCertificate, fingerprintOf, readAccounts } from '../broker/index.js';
import { ConfigError, loadConfig, siteFiles, writeSecret } from '../config/index.js';
import { isServerName, issueClientCertificate, namesOf, renewServerCertificate } from '../tls/index.js';
import { configOption } from './config-option.js';

/** `timeband-gateway tls renew|client` */
export function registerTls(program: Command): void {
  const tls = program.command('tls').description('certificates of the MQTT broker and its clients');
  tls
    .command('renew')
    .description("make the broker's certificate anew; a running gateway takes it within a minute")
    .addOption(configOption())
    .option(
      '--tls-name <name>',
      'host name or address that clients use, instead of those so far; may be repeated',
      serverNames,
    )
    .option('--json', 'print what was made as JSON')
    .addHelpText('after', example('renew --tls-name box.centre.example'))
    .action(async (options: { config: string; tlsName?: string[]; json?: boolean }) => {
      const { dataDir, site, gateway } = loadConfig(options.config);
      const files = siteFiles(dataDir);
      const made = await renewServerCertificate(files, { site, gateway, names: options.tlsName, now: now() });
      const { mqttServer: certificate, mqttAuthority: authority } = files;
      const names = namesOf(made);
      if (options.json === true) {
        console.log(
          JSON.stringify({ certificate, authority, names, ends: new Date(made.validTo).toISOString() }),
        );
        return;
      }
      console.log(`${certificate} is for ${names.join(', ')} and ends on ${made.validTo}.`);
      console.log(`Clients know it by ${authority}: give that file to each of them.`);
    });
  tls
    .command('client')
    .description('make a certificate with which an account logs in without a password')
    .argument('<name>', 'the account')
    .addOption(configOption())
    .requiredOption('--out <folder>', 'where key and certificate are written')
    .option('--bind', 'let the account in by this certificate alone, and by none made before')
    .option('--json', 'print what was made as JSON')
    .addHelpText('after', example('client display --out /media/stick'))
    .action(
      async (name: string, options: { config: string; out: string; bind?: boolean; json?: boolean }) => {
        const files = siteFiles(loadConfig(options.config).dataDir);
        if (!readAccounts(files.accounts).some((account) => account.name === name)) {
          throw new ConfigError(
            `there is no account "${name}"; make it with: timeband-gateway user add ${name}`,
          );
        }
        const key = join(options.out, `${name}.key`);
        const certificate = join(options.out, `${name}.pem`);
        for (const file of [key, certificate]) {
          if (existsSync(file)) throw new ConfigError(`${file} is there already; nothing was changed`);
        }
        const made = await issueClientCertificate(files, name, now());
        const opened = new X509Certificate(made.certificate);
        mkdirSync(options.out, { recursive: true, mode: 0o700 });
        writeSecret(key, made.key);
        writeSecret(certificate, `${made.certificate}\n`);
        const fingerprint = fingerprintOf(opened);
        if (options.bind === true) bindCertificate(files.accounts, name, fingerprint);
        if (options.json === true) {
          const ends = new Date(opened.validTo).toISOString();
          console.log(JSON.stringify({ key, certificate, fingerprint, ends }));
          return;
        }
        console.log(`${key}\n${certificate}\nfingerprint ${fingerprint}\nends on ${opened.validTo}`);
      },
    );
}

/** Unix seconds. */
function now(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Collects names that a certificate of a server may be for. */
export function serverNames(value: string, before: string[] = []): string[] {
  const name = value.toLowerCase();
  if (!isServerName(name))
    throw new InvalidArgumentError('give a host name such as box.centre.example, or an IP address');
  return [...before, name];
}

function example(command: string): string {
  return `\nExample:\n  timeband-gateway tls ${command} --config /var/lib/timeband/gateway.yaml`;
}
