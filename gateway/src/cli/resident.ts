/** `timeband-gateway resident export`: everything that the box holds about one account, for the resident who asks. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { Answers } from '../api/index.js';
import { shownMoment } from '../api/moment.js';
import { recordCsv } from '../service-record/table.js';
import { askLedger } from './ask-ledger.js';
import { CommandFailure } from './command-failure.js';
import { configOption } from './config-option.js';
import { EXIT } from './exit-codes.js';
import { registerForget } from './forget.js';
import { noteDeed } from './note-deed.js';
import { progressLine } from './progress.js';

type Evidence = Answers['evidence']['events'][number];
type Line = Answers['statement']['lines'][number];

interface Everything {
  readonly account: Answers['balance'];
  readonly holds: Answers['holds']['holds'];
  readonly lines: readonly Line[];
  readonly record: Answers['record'] | undefined;
  readonly evidence: readonly Evidence[];
  readonly matters: Answers['evidence']['matters'];
  readonly timeZone: string;
}

const PAGE = { lines: 1_000, events: 100 };

export function registerResident(program: Command): void {
  const resident = program
    .command('resident')
    .description('what a resident may ask for: all that the box holds about an account, or to leave');
  registerForget(resident);
  resident
    .command('export')
    .description(
      'write all that the box holds about an account into a new folder: bands, minutes, records, matters, receipts',
    )
    .argument('<account>', 'the account')
    .addOption(configOption())
    .requiredOption('--out <dir>', 'folder that is made')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `
The gateway has to run. Exit code ${EXIT.notFound} when it does not, or when there is no such account; ${EXIT.refused} when the folder is there.
README.txt in it says what is what, in Chinese and English. Whoever asks for it stands in the audit trail.

Example:
  timeband-gateway resident export account-17 --out /media/stick/account-17 --config gateway.yaml`,
    )
    .action(async (account: string, { config, out, json }: { config: string; out: string; json?: true }) => {
      if (existsSync(out))
        throw new CommandFailure(EXIT.refused, `${out} is there already; nothing was written`);
      const { show, clear } = progressLine('collecting');
      const all = await collect(config, account, (done, total) => {
        show({ done, total });
      });
      clear();
      write(out, all);
      await noteDeed(config, 'resident export', { account, events: all.evidence.length });
      const { lines, evidence, matters } = all;
      const counts = { lines: lines.length, records: evidence.length, matters: matters.length };
      if (json === true) console.log(JSON.stringify({ account, out, ...counts }));
      else
        console.log(
          `${account}: ${counts.lines} lines of its statement, ${counts.records} records, ${counts.matters} matters, in ${out}. Give it to nobody else.`,
        );
    });
}

async function collect(
  config: string,
  account: string,
  progress: (done: number, total: number) => void,
): Promise<Everything> {
  const about = await askLedger<Answers['balance']>(config, 'balance', { account });
  const { timeZone } = await askLedger<Answers['policy']>(config, 'policy');
  const { holds } = await askLedger<Answers['holds']>(config, 'holds', { account });
  const record = await orNothing(askLedger<Answers['record']>(config, 'record', { account }));
  const lines: Line[] = [];
  for (let after: string | undefined, more = true; more;) {
    const page: Answers['statement'] = await askLedger(config, 'statement', {
      account,
      after,
      limit: PAGE.lines,
    });
    lines.push(...page.lines);
    after = page.next;
    more = after !== undefined;
  }
  const { ledger } = await askLedger<Answers['health']>(config, 'health');
  const evidence: Evidence[] = [];
  const matters = new Map<string, Answers['evidence']['matters'][number]>();
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Answers['evidence'] = await askLedger(config, 'evidence', {
      account,
      after,
      limit: PAGE.events,
    });
    evidence.push(...page.events);
    for (const matter of page.matters) matters.set(matter.matter, matter);
    after = page.next;
    progress(after ?? ledger.event, ledger.event);
  }
  return {
    ...{ account: about, holds, lines: lines.reverse(), record, evidence },
    matters: [...matters.values()],
    timeZone,
  };
}

/** An account that has bands and no minutes has no record of services. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CommandFailure && error.exitCode === EXIT.notFound) return undefined;
    throw error;
  }
}

function write(dir: string, all: Everything): void {
  const { account, holds, lines, record, evidence, matters, timeZone } = all;
  mkdirSync(join(dir, 'evidence'), { recursive: true, mode: 0o700 });
  const put = (name: string, content: string | Uint8Array): void => {
    writeFileSync(join(dir, name), content, { flag: 'wx', mode: 0o600 });
  };
  put('account.json', pretty({ ...account, holds, timeZone }));
  put('statement.json', pretty({ account: account.account, timeZone, lines }));
  put('statement.csv', statementCsv(lines, timeZone));
  if (record !== undefined) {
    put('record.json', pretty(record));
    put('record.csv', recordCsv(record));
  }
  put('matters.json', pretty({ matters }));
  put('evidence.json', pretty({ events: evidence }));
  put('evidence.txt', evidence.map((event) => toldEvent(event, timeZone)).join('\n'));
  for (const { event, bytes, receipt } of evidence) {
    put(`evidence/${event}-record.cbor`, Buffer.from(bytes, 'base64'));
    if (receipt !== null) put(`evidence/${event}-receipt.cbor`, Buffer.from(receipt, 'base64'));
  }
  put('README.txt', README);
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function statementCsv(lines: readonly Line[], zone: string): string {
  const rows = lines.map(({ at, says, change, balance, outcome, record, event }) => ({
    时间: shownMoment(at, zone),
    事项: says.kind,
    服务: says.service === undefined ? '' : `${says.service} ${says.name?.zh ?? ''}`.trim(),
    对方: says.with ?? '',
    分钟: change,
    余额: balance,
    结果: outcome,
    记录: `${record.device} ${record.seq}`,
    事件: event,
  }));
  return `\uFEFF${stringify(rows, { header: true, record_delimiter: 'windows' })}`;
}

function toldEvent({ event, type, record, evidence, latest, text }: Evidence, zone: string): string {
  const where = `${record.device} ${record.seq}`;
  return `event ${event}  ${type}  ${shownMoment(latest, zone)}  evidence ${evidence}  ${where}\n  ${text}\n`;
}

const README = `本文件夹是时间存折网关所保存的、与一个账户有关的全部数据。

account.json     余额、手环或标签、预留的分钟
statement.csv    明细(可用表格软件打开);statement.json 同样内容
record.csv       志愿服务记录;record.json 同样内容
matters.json     与该账户的记录有关的求助事项
evidence.txt     每条原始记录的可读文本;evidence.json 含字节
evidence/        每条原始记录(record.cbor)及网关签名的凭证(receipt.cbor)

姓名、身份证号、电话不在系统中,所以这里也没有。

This folder is all that the gateway of your centre holds about one account.

account.json     what is in it, its bands and tags, minutes that are promised
statement.csv    every line, for a spreadsheet; statement.json: the same
record.csv       the volunteer-service record; record.json: the same
matters.json     matters that records of this account are about
evidence.txt     each record as its device logged it, as text; evidence.json: with its bytes
evidence/        each record's bytes, and the receipt by which anybody can check that it is in the gateway's log:
                 bandctl verify-receipt evidence/17-receipt.cbor --issuer issuer.cwt

Names, identity numbers and telephone numbers are nowhere in the system, so they are not here either. A record of two people
(a visit, a transfer) names the other one's band or account.
`;
