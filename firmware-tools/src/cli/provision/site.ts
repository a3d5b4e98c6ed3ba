/** `bandctl certify`, `revoke` and `register`: what a site's issuer says without a device at hand. */
import { closeSync, existsSync, fchmodSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import {
  ENROL_REASON,
  type EnrolReason,
  PrivateKey,
  readUnverifiedCertificate,
  type RegisterEntry,
  toHex,
} from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT } from '../exit-codes.js';
import { readFileOr } from '../files.js';
import { askNewPassphrase } from '../passphrase.js';
import { type DeskOptions, deskOptions, openDesk } from './desk-options.js';
import { id, wholeNumber } from './devices.js';
import { failWith } from './failures.js';

interface CertifyOptions extends DeskOptions {
  readonly role: 'technician' | 'operator' | 'gateway';
  readonly out: string;
  readonly days?: number;
  readonly encrypt?: true;
  readonly renew?: string;
  readonly json?: true;
}

export function registerCertify(program: Command, environment: Environment): void {
  deskOptions(program.command('certify'))
    .description('make a key and certificate for a technician or an operator, or renew a certificate')
    .argument('<id>', 'the id in the certificate: opaque, no name', id)
    .addOption(
      new Option('--role <role>', 'what the key may do')
        .choices(['technician', 'operator', 'gateway'])
        .default('technician'),
    )
    .option('--out <dir>', 'folder for ID.key and ID.cwt', '.')
    .option('--days <days>', 'how long it is good (default: 365, a gateway 90)', wholeNumber)
    .option('--encrypt', 'protect the new key with a passphrase, which is asked for')
    .option('--renew <file>', 'certify the key of this certificate again instead of making one')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  bandctl certify technician-1 --issuer-key issuer.key --issuer issuer.cwt --encrypt
  bandctl certify gw-1 --role gateway --renew keys/gateway.cwt --issuer-key issuer.key --issuer issuer.cwt --out new`,
    )
    .action(async (subject: string, options: CertifyOptions) => {
      const { role, out, days, encrypt, renew, json } = options;
      const [keyFile, file] = [join(out, `${subject}.key`), join(out, `${subject}.cwt`)];
      for (const one of renew === undefined ? [keyFile, file] : [file])
        if (existsSync(one))
          throw new CommandFailure(EXIT.refused, `${one} is there already; nothing was changed`);
      const desk = await openDesk(options, environment).catch((error: unknown) =>
        failWith(error, 'the site'),
      );
      try {
        const made = renew === undefined ? PrivateKey.generate() : undefined;
        const key =
          made?.publicKey ?? readUnverifiedCertificate(readFileOr(renew ?? '', 'the certificate')).key;
        const passphrase = encrypt === true ? await askNewPassphrase(environment, keyFile) : undefined;
        const certificate = desk.certify(subject, role, key, days);
        mkdirSync(out, { recursive: true });
        if (made !== undefined) writeSecret(keyFile, writePrivateKeyPem(made, passphrase));
        writeFileSync(file, certificate, { flag: 'wx' });
        desk.note({ what: 'certified', certificate });
        const { expires, thumbprint } = readUnverifiedCertificate(certificate);
        if (json === true)
          environment.print(
            JSON.stringify({
              certificate: file,
              ...(made && { key: keyFile }),
              thumbprint: toHex(thumbprint),
              expires,
            }),
          );
        else
          environment.print(
            `${file}: ${subject}, a ${role}, until ${new Date(expires * 1_000).toISOString().slice(0, 10)}${made === undefined ? '' : `\n${keyFile}: the key${encrypt === true ? '' : ', NOT encrypted'}`}`,
          );
      } catch (error) {
        failWith(error, subject);
      } finally {
        desk.close();
      }
    });
}

export function registerRevoke(program: Command, environment: Environment): void {
  deskOptions(program.command('revoke'))
    .description('take the key of a lost, stolen or retired device out of trust')
    .argument('<device>', 'its id', id)
    .addOption(new Option('--reason <reason>', 'why').choices(Object.keys(ENROL_REASON)).default('lost'))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Gateways go by it once the register is imported: timeband-gateway register import.

Example:
  bandctl revoke band-7 --reason lost --issuer-key issuer.key --issuer issuer.cwt`,
    )
    .action(async (device: string, options: DeskOptions & { reason: EnrolReason; json?: true }) => {
      const desk = await openDesk(options, environment).catch((error: unknown) =>
        failWith(error, 'the site'),
      );
      try {
        const { number, keys } = desk.revoke(device, options.reason);
        if (options.json === true) environment.print(JSON.stringify({ device, number, keys }));
        else environment.print(`${device} is revoked, in list ${number} of ${keys} keys`);
      } catch (error) {
        failWith(error, device);
      } finally {
        desk.close();
      }
    });
}

export function registerRegister(program: Command, environment: Environment): void {
  deskOptions(program.command('register'))
    .description("verify the site's register and show what is in it, without its secrets")
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', '\nExample:\n  bandctl register --issuer-key issuer.key --issuer issuer.cwt')
    .action(async (options: DeskOptions & { json?: true }) => {
      const desk = await openDesk(options, environment).catch((error: unknown) =>
        failWith(error, 'the site'),
      );
      try {
        for (const entry of desk.register.entries) {
          const shown = shownOf(entry);
          environment.print(options.json === true ? JSON.stringify(shown) : Object.values(shown).join('  '));
        }
        if (options.json !== true)
          environment.print(
            `${desk.register.entries.length} entries, all of them signed and in order; hash ${toHex(desk.register.hash).slice(0, 16)}`,
          );
      } finally {
        desk.close();
      }
    });
}

function shownOf({ number, at, note }: RegisterEntry): Record<string, unknown> {
  const time = new Date(at * 1_000).toISOString();
  const shown = { number, at: time, what: note.what };
  switch (note.what) {
    case 'opened':
    case 'certified': {
      const { subject, role } = readUnverifiedCertificate(note.certificate);
      return { ...shown, subject, role };
    }
    case 'granted':
    case 'issued':
      return {
        ...shown,
        device: note.device,
        serial: note.serial,
        account: note.account,
        replaces: note.replaces,
      };
    case 'revoked':
      return { ...shown, device: note.device };
    case 'wiped':
      return { ...shown, device: note.device, serial: note.serial, forced: note.forced };
  }
}

function writeSecret(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600);
  try {
    fchmodSync(fd, 0o600);
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
