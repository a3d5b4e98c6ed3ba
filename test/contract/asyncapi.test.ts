/** The published AsyncAPI document: made from the table of topics, and sound by the judgement of AsyncAPI's own parser. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TOPICS } from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { asyncapi } from './asyncapi.js';
import { SCHEMAS } from './schemas.js';

const protocol = new URL('../../protocol/', import.meta.url);

interface TwinFile {
  readonly cases: readonly {
    readonly verdict: string;
    readonly decoded?: Readonly<Record<string, unknown>>;
  }[];
}
const twins = JSON.parse(readFileSync(new URL('vectors/json-twin.json', protocol), 'utf8')) as TwinFile;
const valid = twins.cases.flatMap(({ verdict, decoded }) =>
  verdict === 'valid' && decoded !== undefined ? [decoded] : [],
);
const examples = {
  JsonTwin: valid[0],
  GatewayStatus: { state: 'online', gateway: 'gateway-1', site: 'dahaiyang', since: 1_750_003_600 },
  HelpHeard: { device: 'band-1', at: 1_750_003_600, rssi: -67, battery: 80 },
  ClientRequest: { action: 'balance', expires: 1_750_003_660, arguments: { account: 'account-17' } },
  ClientResponse: { state: 'refused', code: 'api/expired', message: 'it came too late' },
};
const document = asyncapi(examples);
const parser = fileURLToPath(new URL('parse-asyncapi.js', import.meta.url));
const problemsOf = (json: unknown): string =>
  execFileSync(process.execPath, [parser], { input: JSON.stringify(json), encoding: 'utf8' });

describe('the MQTT contract', () => {
  it('is published as the table of topics says it', async () => {
    const path = fileURLToPath(new URL('asyncapi.yaml', protocol));
    const head = '# Made from protocol/src/topics.ts by `npm run generated`.\n';
    await expect(`${head}${stringify(document, { lineWidth: 110 })}`).toMatchFileSnapshot(path);
  });

  it('is a valid AsyncAPI 3 document', () => {
    expect(problemsOf(document)).toBe('');
  });

  it.each([
    ['a field that AsyncAPI does not have', { ...document, servers: [] }],
    ['no parameters', { ...document, components: {} }],
  ])('would be found out if it had %s', (_, wrong) => {
    expect(problemsOf(wrong)).not.toBe('');
  });

  it('has a schema for what is on every topic', () => {
    const messages = Object.values(TOPICS).map(({ message }) => message);
    expect(messages.sort()).toEqual(Object.keys(SCHEMAS).sort());
  });

  it('says of what nobody serves yet that it is reserved', () => {
    const reserved = Object.entries(TOPICS).filter(([, { status }]) => status === 'reserved');
    expect(reserved.map(([name]) => name)).toEqual(['policy']);
  });
});

describe('the JSON twin as a CloudEvent', () => {
  it.each(valid)('has the required attributes of CloudEvents 1.0 ($id)', (twin) => {
    expect(twin['specversion']).toBe('1.0');
    for (const name of ['id', 'source', 'type']) expect(twin[name]).toEqual(expect.stringMatching(/.+/));
    expect(() => new URL(String(twin['source']), 'mqtt://broker/')).not.toThrow();
    expect(new Date(String(twin['time'])).toISOString()).toBe(twin['time']);
  });

  it.each(valid)(
    'names its attributes in lower-case letters and digits, and keeps the rest in data ($id)',
    (twin) => {
      expect(Object.keys(twin).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
      expect(Object.keys(twin).sort()).toEqual(
        ['data', 'datacontenttype', 'id', 'source', 'specversion', 'time', 'type'].sort(),
      );
    },
  );
});
