/** `timeband-gateway resident forget`: takes an account out of the database of a gateway that is stopped. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  type Approval,
  approvedBody,
  randomBytes,
  readErase,
  RecordError,
  toBase64,
} from '@timeband/protocol';
import { type Config, loadConfig, loadCredentials, siteFiles } from '../config/index.js';
import { erase, type ErasureOptions, planErasure } from '../erasure/index.js';
import { EventLog } from '../events/index.js';
import { approversOf } from '../ops/assessor.js';
import { Store } from '../store/index.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { noteDeed } from './note-deed.js';

interface ForgetOptions {
  readonly config: string;
  readonly as?: string;
  readonly out: string;
}

/** As `bandctl approve` reads and signs it; all bytes in base64. */
interface DecisionFile {
  readonly kind: 'erase';
  readonly action: string;
  readonly approvals: readonly { readonly message: string }[];
  readonly account: string;
  readonly salt: string;
}

const HELP = `
The gateway has to be stopped. Nothing changes until two operators have signed and the file is brought back; it says exactly which records
are replaced by what, so that what was approved is what is done. verify and reconcile hold afterwards.

Examples:
  timeband-gateway resident plan account-17 --out leave.json --config gateway.yaml
  bandctl approve leave.json --site dahaiyang --key operator-1.key
  bandctl approve leave.json --site dahaiyang --key operator-2.key
  timeband-gateway resident forget leave.json --config gateway.yaml`;

export function registerForget(resident: Command): void {
  resident
    .command('plan')
    .description('write down for two operators what is replaced when a resident leaves')
    .argument('<account>', 'the account')
    .addOption(configOption())
    .option('--as <pseudonym>', 'what it is called from then on; a random one when left out')
    .requiredOption('--out <file>', 'where to; keep it from others, and delete it afterwards')
    .addHelpText('after', HELP)
    .action((account: string, { config: file, as, out }: ForgetOptions) => {
      if (existsSync(out))
        throw new CommandFailure(EXIT.refused, `${out} is there already; nothing was changed`);
      const pseudonym = as ?? `left-${Buffer.from(randomBytes(8)).toString('hex')}`;
      const salt = randomBytes(32);
      const action = onStopped(loadConfig(file), (shared) =>
        planErasure({ ...shared, account, pseudonym, salt }, Math.floor(Date.now() / 1_000), randomBytes(16)),
      );
      const decision: DecisionFile = {
        ...{
          kind: 'erase',
          action: toBase64(action),
          approvals: [],
          account,
          pseudonym,
          salt: toBase64(salt),
        },
      };
      writeFileSync(out, `${JSON.stringify(decision, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
      console.log(
        `${account} becomes ${pseudonym}. Two operators sign ${out}: bandctl approve ${out} --site SITE --key FILE`,
      );
    });
  resident
    .command('forget')
    .description('do what two operators have approved: the account goes by a pseudonym, minutes stay')
    .argument('<file>', 'what resident plan wrote, with the signatures of two operators')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (file: string, { config: configFile }: ForgetOptions) => {
      const { action, approvals, account, salt } = readDecision(file);
      const { pseudonym } = readErase(approvedBody(bytes(action), [])).action;
      const config = loadConfig(configFile);
      const { trust } = credentialsOf(config);
      const approvers = approversOf(config, trust);
      if (approvers === undefined)
        throw new CommandFailure(
          EXIT.refused,
          'no operator’s certificate is here: certificates in the settings, or register import',
        );
      const records = onStopped(config, (shared) => {
        try {
          const options = { ...shared, account, pseudonym, salt: bytes(salt), site: config.site, approvers };
          return erase(
            options,
            bytes(action),
            approvals.map(({ message }): Approval => ({ by: 'certificate', message: bytes(message) })),
          );
        } catch (error) {
          if (error instanceof RecordError)
            throw new CommandFailure(EXIT.refused, `${file}: ${error.message}`);
          throw error;
        }
      });
      await noteDeed(configFile, 'resident forget', { pseudonym, records });
      rmSync(file);
      console.log(
        `${records} records name ${pseudonym} now. ${file} was deleted: with its salt the account could be found again. Older backups still have it: see docs/residents.md.`,
      );
    });
}

/** @throws StoreError while a gateway runs on it */
function onStopped<T>(
  config: Config,
  work: (shared: Pick<ErasureOptions, 'store' | 'eventHash' | 'hasUplink'>) => T,
): T {
  const { database } = siteFiles(config.dataDir);
  if (!existsSync(database))
    throw new CommandFailure(EXIT.notFound, `${database} is not there: no gateway has run here yet`);
  const { key, certificate } = credentialsOf(config);
  const store = new Store(database);
  try {
    const events = new EventLog(store, key, certificate);
    const eventHash = (position: number): Uint8Array => {
      const [hash] = events.hashes(position, position);
      if (hash === undefined) throw new RangeError(`no event ${position}`);
      return hash;
    };
    return work({ store, eventHash, hasUplink: config.uplink !== undefined });
  } finally {
    store.close();
  }
}

function credentialsOf({ dataDir, site, gateway }: Config) {
  return loadCredentials(dataDir, site, gateway, Math.floor(Date.now() / 1_000));
}

/** @throws CommandFailure */
function readDecision(file: string): DecisionFile {
  if (!existsSync(file)) throw new CommandFailure(EXIT.notFound, `${file} is not there`);
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<DecisionFile> | null;
    const { kind, action, approvals, account, salt } = found ?? {};
    const isOne =
      kind === 'erase' &&
      [action, account, salt].every((text) => typeof text === 'string') &&
      Array.isArray(approvals);
    if (isOne && approvals.every(({ message }) => typeof message === 'string')) return found as DecisionFile;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CommandFailure(EXIT.refused, `${file} is none that resident plan wrote`);
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
