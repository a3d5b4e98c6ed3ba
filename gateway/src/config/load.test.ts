import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, PrivateKey } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initSite } from '../ops/init.js';
import { ConfigError, loadConfig, loadCredentials, siteFiles } from './index.js';

const NOW = 1_800_000_000;

describe('a site made by init', () => {
  let dir: string;
  const init = () =>
    initSite({ dir, site: 'dahaiyang', gateway: 'gw-1', links: ['/dev/x/*'], mqttPort: 0, now: NOW });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'site-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('loads, with the broker on loopback only', () => {
    const config = loadConfig(init().config);
    expect(config).toMatchObject({ site: 'dahaiyang', broker: { host: '127.0.0.1' }, dataDir: dir });
    expect(loadCredentials(dir, 'dahaiyang', 'gw-1', NOW).certificate.role).toBe('gateway');
  });

  it('keeps every file with a key or a password to its owner', () => {
    const { issuerKey, gatewayKey, accounts } = init();
    for (const file of [issuerKey, gatewayKey, accounts]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is never made over another', () => {
    init();
    expect(init).toThrow(/there already/);
  });

  it('is refused when others can read its key, naming the remedy', () => {
    const { gatewayKey } = init();
    chmodSync(gatewayKey, 0o644);
    expect(() => loadCredentials(dir, 'dahaiyang', 'gw-1', NOW)).toThrow(/chmod 600/);
  });

  it('is loaded under a clock from before it was made, which nobody has set', () => {
    init();
    expect(loadCredentials(dir, 'dahaiyang', 'gw-1', 0).certificate.subject).toBe('gw-1');
  });

  describe('under a city’s root', () => {
    const root = PrivateKey.generate();
    const years = { notBefore: NOW - 1, expires: NOW + 365 * 86_400 };
    /** The issuer that init made, certified by the root instead of by itself. */
    const underRoot = (by: PrivateKey): void => {
      const files = init();
      const { publicKey } = readPrivateKeyPem(readFileSync(files.issuerKey, 'utf8'));
      const city = { issuer: 'yantai', site: 'yantai', ...years };
      writeFileSync(
        files.rootCertificate,
        issueCertificate(root, { ...city, subject: 'yantai', role: 'root', key: root.publicKey }),
      );
      writeFileSync(
        files.issuerCertificate,
        issueCertificate(by, {
          ...{ ...city, site: 'dahaiyang', subject: 'dahaiyang', role: 'issuer', key: publicKey },
        }),
      );
    };

    it('believes the issuer that the root certified', () => {
      underRoot(root);
      const { issuer, certificate } = loadCredentials(dir, 'dahaiyang', 'gw-1', NOW);
      expect([issuer.issuer, certificate.subject]).toEqual(['yantai', 'gw-1']);
    });

    it('believes no issuer that another root certified', () => {
      underRoot(PrivateKey.generate());
      expect(() => loadCredentials(dir, 'dahaiyang', 'gw-1', NOW)).toThrow(/cert\/untrusted-issuer/);
    });
  });

  it('is refused when its certificate has expired or is for another box', () => {
    init();
    expect(() => loadCredentials(dir, 'dahaiyang', 'gw-1', NOW + 91 * 86_400)).toThrow(
      /new gateway certificate/,
    );
    expect(() => loadCredentials(dir, 'dahaiyang', 'gw-2', NOW)).toThrow(/is for gw-1/);
  });

  it.each([
    ['a setting that does not exist', 'site: a\ngateway: b\nmqtt: {}\n', /mqtt/],
    ['an id that cannot stand in a topic', 'site: Da Haiyang\ngateway: b\n', /site: lower-case/],
    [
      'a service that is in no catalogue',
      'site: a\ngateway: b\nradio: { adapter: 0, service: 0 }\n',
      /radio/,
    ],
    ['text that is not YAML', 'site: [', /not YAML/],
  ])('refuses %s by name', (_what, text, message) => {
    const file = siteFiles(dir).config;
    writeFileSync(file, text);
    expect(() => loadConfig(file)).toThrow(ConfigError);
    expect(() => loadConfig(file)).toThrow(message);
  });

  it('says for what a band’s button checks in, or that it is for nothing', () => {
    const { config } = init();
    appendFileSync(config, 'radio: { adapter: 0, service: 201 }\n');
    expect(loadConfig(config).radio).toMatchObject({ service: 201 });
    writeFileSync(config, 'site: a\ngateway: b\nradio: { path: /dev/radio }\n');
    expect(loadConfig(config).radio?.service).toBeUndefined();
  });

  it('says how to make a configuration that is missing', () => {
    expect(() => loadConfig(join(dir, 'none.yaml'))).toThrow(/timeband-gateway init/);
  });
});
