/** `npm run interop -- paho --suite DIR`: suites of others, as they are, against our broker. */
import { spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { connectAsync } from 'mqtt';
import { ACCOUNT, BrokerBox } from '../support/broker-box.js';

const USAGE = 2;
const MISSING = 3;
const FAILED = 5;

interface Options {
  readonly suite: string;
  readonly verbose?: true;
}

/** Runs the suite's file as it is; only who logs in is added, since the suite would come without a name. */
const LAUNCHER = `
import os, runpy, sys
folder, port = os.environ['SUITE'], os.environ['PORT']
os.chdir(folder)
sys.path.insert(0, folder)
import mqtt.clients.V311 as v311
connect = v311.Client.connect
account = 'WIDE'
def log_in(self, *args, **options):
  name, password = os.environ[account].split(':')
  return connect(self, *args, username=name, password=password.encode(), **options)
v311.Client.connect = log_in
tests = sys.argv[1:]
sys.argv = ['client_test.py', '--hostname', '127.0.0.1', '--port', port]
import unittest
main = unittest.main
loader = unittest.TestLoader
class All(loader):
  # One of its tests is not named as one.
  def getTestCaseNames(self, case):
    return [*super().getTestCaseNames(case), *(name for name in dir(case) if name.endswith('_test'))]
def start():
  # One test wants a topic refused that the others need to have granted.
  case = sys.modules['__main__'].Test
  refused = case.test_subscribe_failure
  def narrow(self):
    global account
    account = 'NARROW'
    try:
      refused(self)
    finally:
      account = 'WIDE'
  case.test_subscribe_failure = narrow
  main(argv=['client_test.py', '-v', *tests], testLoader=All())
unittest.main = start
runpy.run_path('client_test.py', run_name='__main__')
`;

const program = new Command('interop')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE))
  .description('Runs test suites of others against the real gateway.');

program
  .command('paho')
  .description(
    "Eclipse Paho's interoperability suite for MQTT 3.1.1 (interoperability/client_test.py), all of it",
  )
  .argument('[tests...]', 'which ones, such as Test.testBasic; all when left out')
  .requiredOption('--suite <dir>', 'a checkout of github.com/eclipse/paho.mqtt.testing')
  .option('--verbose', "print the gateway's log at the end")
  .addHelpText(
    'after',
    `
Needs Python 3. Exit code 3 when the suite or Python is missing, 5 when a test fails.

Example:
  npm run interop -- paho --suite ~/src/paho.mqtt.testing`,
  )
  .action(async (tests: string[], { suite, verbose }: Options) => {
    const folder = join(suite, 'interoperability');
    try {
      accessSync(join(folder, 'client_test.py'));
    } catch {
      console.error(
        `${folder} has no client_test.py: give a checkout of github.com/eclipse/paho.mqtt.testing`,
      );
      process.exitCode = MISSING;
      return;
    }
    const box = await BrokerBox.create();
    try {
      const port = await box.start();
      const narrow = await box.addAccount('narrow', ['TopicA/#']);
      await logIn(port, ACCOUNT, box.password);
      await logIn(port, 'narrow', narrow);
      const accounts = { WIDE: `${ACCOUNT}:${box.password}`, NARROW: `narrow:${narrow}` };
      const code = await run(tests, { SUITE: folder, PORT: String(port), ...accounts });
      if (verbose === true) console.error(box.log);
      if (code !== 0) process.exitCode = code === undefined ? MISSING : FAILED;
    } finally {
      await box.close();
    }
  });

/** The first login of an account costs a hash of its password, and the suite waits half a second only. */
async function logIn(port: number, username: string, password: string): Promise<void> {
  const login = { username, password, protocolVersion: 4 } as const;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, login);
  await client.endAsync();
}

/** @returns its exit code, or nothing where there is no Python */
function run(
  tests: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const python = spawn('python3', ['-W', 'ignore', '-c', LAUNCHER, ...tests], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return new Promise((resolve) => {
    python.once('error', (error) => {
      console.error(`python3 cannot be run (${error.message}); Debian has it as python3`);
      resolve(undefined);
    });
    python.once('close', (code) => {
      resolve(code ?? FAILED);
    });
  });
}

await program.parseAsync();
