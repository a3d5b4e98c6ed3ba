import {
  type CborMap,
  type Challenge,
  COMMAND,
  decodeLenient,
  decodePacket,
  decodeCose,
  encode,
  encodePacket,
  genesisHash,
  GatewayClock,
  issueCertificate,
  KIND,
  type Link,
  type LinkHandlers,
  logIdOf,
  OP,
  openAnswer,
  PrivateKey,
  readPunch,
  REFUSAL,
  signAnswer,
  SmpClient,
  toHex,
  TrustStore,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Preview } from '../ledger/index.js';
import type { VerifiedDevice } from '../verify/index.js';
import { pressedFor, punchByButton } from './challenge.js';
import type { ButtonPunches } from './context.js';
import { FaultReporter } from './faults.js';

const SITE = 'dahaiyang';
const NOW = 1_800_000_000;
const SERVICE = 7;
const ACCEPTED: Preview = { outcome: 'accepted' };

const issuer = PrivateKey.generate();
const gatewayKey = PrivateKey.generate();
const bandKey = PrivateKey.generate();
const trust = new TrustStore([issuer.publicKey]);
const certify = (subject: string, role: 'gateway' | 'band' | 'reader', { publicKey: key }: PrivateKey) => {
  const claims = { issuer: SITE, subject, role, site: SITE, key, notBefore: NOW - 9, expires: NOW + 9 };
  return trust.verify(issueCertificate(issuer, claims), { roles: [role], site: SITE });
};
const gateway = certify('gw-1', 'gateway', gatewayKey);

function deviceOf(role: 'band' | 'reader'): VerifiedDevice {
  const certificate = certify(`${role}-1`, role, bandKey);
  const { subject: device, thumbprint, key } = certificate;
  const genesis = genesisHash({ site: SITE, device, thumbprint, epoch: 1 });
  const identity = {
    ...{ device, firmware: '1', hardware: 'test', boot: 1, logId: logIdOf(genesis), epoch: 1 },
    ...{ oldest: 1, acked: 0 },
  };
  return { certificate, key, identity, genesis };
}
const device = deviceOf('band');

type Reply = Uint8Array | { readonly rc: number } | undefined;

/** A band that replies to challenges as it is told; not at all where that is nothing. */
class FakeBand implements Link {
  readonly name = 'radio/band-1';
  readonly asked: Challenge[] = [];
  reply: (challenge: Challenge) => Reply = honest;
  private handlers: LinkHandlers | undefined;

  readonly start = (handlers: LinkHandlers): void => {
    this.handlers = handlers;
  };
  readonly close = (): Promise<void> => Promise.resolve();
  readonly send = (bytes: Uint8Array): void => {
    const { group, sequence, id, payload } = decodePacket(bytes);
    const body = decodeLenient(payload);
    if (id !== COMMAND.challenge.id || !(body instanceof Map)) expect.fail('asked for something else');
    const challenge = COMMAND.challenge.decodeRequest(body as CborMap);
    this.asked.push(challenge);
    const reply = this.reply(challenge);
    if (reply === undefined) return;
    const answer =
      reply instanceof Uint8Array
        ? COMMAND.challenge.encodeAnswer(reply)
        : new Map([['err', new Map(Object.entries({ rc: reply.rc, group }))]]);
    this.handlers?.packet(
      encodePacket({ op: OP.writeResponse, group, sequence, id, payload: encode(answer) }),
    );
  };
}

const honest = (challenge: Challenge): Uint8Array =>
  signAnswer(bandKey, SITE, { ...challenge, counter: 1, sincePress: 2 });

describe('a challenge to a band whose button was pressed', () => {
  let band: FakeBand;
  let timers: ManualTimers;
  let counted: string[];
  let logged: Parameters<ButtonPunches['log']['log']>[];
  let now: number;
  let isOpen: boolean;
  let hasVisit: boolean;

  beforeEach(() => {
    band = new FakeBand();
    timers = new ManualTimers();
    counted = [];
    logged = [];
    now = NOW;
    isOpen = true;
    hasVisit = false;
  });

  const purpose: ButtonPunches = {
    service: SERVICE,
    log: {
      get isOpen() {
        return isOpen;
      },
      log: (...entry) => {
        logged.push(entry);
        return Promise.resolve({ seq: logged.length, outcome: ACCEPTED });
      },
    },
  };
  const punch = () => {
    const counters = { count: (name: string) => counted.push(name) };
    const credentials = { key: gatewayKey, certificate: gateway, issuer: gateway, trust };
    const wall = (): number => now;
    const context = {
      ...{ site: SITE, gateway: 'gw-1', credentials, counters },
      clock: new GatewayClock({ wall, monotonic: wall, floor: gateway.notBefore }),
      visits: { isOpen: () => hasVisit },
    };
    const faults = new FaultReporter(band.name, counters, pino({ level: 'silent' }), timers);
    return punchByButton(purpose, new SmpClient(band, { timers }), context, { device }, faults);
  };

  it('is for the service of the site, in this gateway’s name, under a nonce of its own', async () => {
    await punch();
    await punch();
    const [first, second] = band.asked;
    expect(first).toMatchObject({ what: 'punch', challenger: 'gw-1', service: SERVICE, direction: 'in' });
    expect(first?.nonce).not.toEqual(second?.nonce);
  });

  it('becomes a punch that holds the answer, and says under which nonce and to what it came', async () => {
    const ownPunch = await punch();
    const [asked] = band.asked;
    expect(ownPunch).toMatchObject({ seq: 1, outcome: ACCEPTED });
    expect(toHex(ownPunch?.nonce ?? new Uint8Array())).toBe(toHex(asked?.nonce ?? expect.fail()));
    const [[kind, body] = expect.fail()] = logged;
    const { direction, service, proof } = readPunch(body);
    expect([kind, direction, service]).toEqual([KIND.punch, 'in', SERVICE]);
    const { message } = proof.kind === 'answer' ? proof : expect.fail();
    expect(openAnswer(decodeCose(message), bandKey.publicKey, SITE)).toMatchObject({ ...asked });
  });

  it('asks for the way out where a visit of the band is open', async () => {
    hasVisit = true;
    await punch();
    expect(band.asked[0]?.direction).toBe('out');
    expect(readPunch(logged[0]?.[1] ?? new Map()).direction).toBe('out');
  });

  it.each([
    ['that was not pressed', REFUSAL.notPressed, 'challenge/not-pressed'],
    ['that is busy', REFUSAL.busy, 'challenge/busy'],
    ['that refuses for another reason', REFUSAL.notIntroduced, 'smp/device'],
  ])('to a band %s is counted and goes on', async (_, rc, counter) => {
    band.reply = () => ({ rc });
    expect(await punch()).toBeUndefined();
    expect([counted, logged]).toEqual([[counter], []]);
  });

  it.each<[string, (challenge: Challenge) => Uint8Array, string]>([
    ['to another challenge', (asked) => honest({ ...asked, nonce: new Uint8Array(16) }), 'evidence/mismatch'],
    [
      'by another key',
      (asked) => signAnswer(PrivateKey.generate(), SITE, { ...asked, counter: 1, sincePress: 0 }),
      'cose/kid',
    ],
    [
      'for another site',
      (asked) => signAnswer(bandKey, 'elsewhere', { ...asked, counter: 1, sincePress: 0 }),
      'cose/signature',
    ],
    ['that is none', () => Uint8Array.of(1, 2, 3), 'cose/structure'],
  ])('with an answer %s never becomes a punch', async (_, reply, code) => {
    band.reply = reply;
    expect(await punch()).toBeUndefined();
    expect([counted, logged]).toEqual([[code], []]);
  });

  it('is not repeated when no answer comes, for the band may have used the press up', async () => {
    band.reply = () => undefined;
    const asking = punch();
    await timers.run(60_000);
    expect(await asking).toBeUndefined();
    expect([band.asked.length, counted]).toEqual([1, ['smp/timeout']]);
  });

  it('is not made where its answer could not be logged, so that the press is not used up', async () => {
    isOpen = false;
    await punch();
    isOpen = true;
    now = gateway.notBefore - 1;
    await punch();
    now = gateway.expires;
    await punch();
    expect([band.asked, counted]).toEqual([[], ['cert/expired']]);
  });

  it('is made only for a band whose advert said so, where the site has a use for it', () => {
    const visit = (isPressed: boolean) => ({ isPressed, settled: () => undefined });
    expect(pressedFor({ visit: visit(true), buttonPunches: purpose }, { device })).toBe(purpose);
    for (const [context, who] of [
      [{ visit: visit(false), buttonPunches: purpose }, device],
      [{ visit: visit(true) }, device],
      [{ buttonPunches: purpose }, device],
      [{ visit: visit(true), buttonPunches: purpose }, deviceOf('reader')],
    ] as const) {
      expect(pressedFor(context, { device: who })).toBeUndefined();
    }
  });
});
