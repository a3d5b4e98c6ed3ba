/** How a device learns the time, and whom it believes about it (SPEC.md, Clock). */
import { CLOCK_NONCE_BYTES, COMMAND, DEVICE_EVENT, equalBytes, Fields, KIND } from '@timeband/protocol';
import { spoiled } from '../authority.js';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';
import type { Lab } from '../lab.js';
import { readRecordClaims } from '../readings.js';

/** Quality of a clock that a gateway set. */
const SET = 2;
/** Seconds within which a time that was set shows. */
const CLOSE = 5;
const STEP = 60;
const DAY = 86_400;

async function nonceOf(lab: Lab): Promise<Uint8Array> {
  await lab.hello();
  return lab.call(COMMAND.clockNonce, undefined);
}

export const CLOCK = checksOf('clock', [
  {
    id: 'clock-nonce',
    section: 'Clock',
    title: `shows the same nonce of ${CLOCK_NONCE_BYTES} bytes until it is answered, and another one then`,
    needs: ['issuer'],
    run: async (lab) => {
      const first = await nonceOf(lab);
      const again = await nonceOf(lab);
      expect(equalBytes(first, again), 'a nonce that nobody answered was replaced');
      await lab.call(COMMAND.clock, await lab.clock());
      const next = await lab.call(COMMAND.clockNonce, undefined);
      expect(!equalBytes(first, next), 'a nonce that was answered is still shown');
    },
  },
  {
    id: 'clock-set',
    section: 'Clock',
    title: 'takes the time of a gateway of its site, and says that it is set',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      const wall = lab.now();
      await lab.call(COMMAND.clock, await lab.clock(wall));
      const { seal } = await lab.seal();
      expect(seal.quality === SET, `its clock was set, and a seal says quality ${seal.quality}`);
      expect(
        seal.age !== undefined && seal.age <= CLOSE,
        `its clock was set just now, ${seal.age ?? 'no'} s ago it says`,
      );
      const off = Math.abs((seal.wall ?? 0) - wall);
      expect(off <= CLOSE, `it shows a time ${off} s away from what it was given`);
    },
  },
  {
    id: 'clock-replay',
    section: 'Clock',
    title: 'refuses a document that it took before with 5',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      const document = await lab.clock();
      await lab.call(COMMAND.clock, document);
      await lab.refuses(COMMAND.clock, document, 'staleNonce', 'the same clock document again');
    },
  },
  {
    id: 'clock-other-nonce',
    section: 'Clock',
    title: 'refuses a document for a nonce that it never showed with 5',
    needs: ['issuer'],
    run: async (lab) => {
      const nonce = spoiled(await nonceOf(lab));
      const document = lab.gateway.clock({ device: lab.facts.identity.device, nonce, wall: lab.now() });
      await lab.refuses(COMMAND.clock, document, 'staleNonce', 'a clock document for another nonce');
    },
  },
  {
    id: 'clock-other-device',
    section: 'Clock',
    title: 'refuses a document for another device with 3',
    needs: ['issuer'],
    run: async (lab) => {
      const nonce = await nonceOf(lab);
      const document = lab.gateway.clock({ device: 'somebody-else', nonce, wall: lab.now() });
      await lab.refuses(COMMAND.clock, document, 'notTrusted', 'a clock document for another device');
    },
  },
  {
    id: 'clock-signature',
    section: 'Clock',
    title: 'refuses a document whose signature does not hold with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      await lab.refuses(COMMAND.clock, spoiled(await lab.clock()), 'notTrusted', 'a forged clock document');
    },
  },
  {
    id: 'clock-unknown-gateway',
    section: 'Clock',
    title: 'refuses the time of a gateway that never said hello with 4',
    needs: ['issuer'],
    run: async (lab) => {
      const nonce = await nonceOf(lab);
      const other = lab.authority.gateway({ id: 'unheard-of' });
      const document = other.clock({ device: lab.facts.identity.device, nonce, wall: lab.now() });
      await lab.refuses(
        COMMAND.clock,
        document,
        'unknownGateway',
        'the time of a gateway that never said hello',
      );
    },
  },
  {
    id: 'clock-floor',
    section: 'What a device keeps',
    title: 'refuses a time that has passed with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      await lab.refuses(
        COMMAND.clock,
        await lab.clock(lab.now() - DAY),
        'notTrusted',
        'the time of yesterday',
      );
    },
  },
  {
    id: 'clock-ceiling',
    section: 'What a device keeps',
    title: "refuses a time at the end of its gateway's certificate with 3",
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      await lab.refuses(
        COMMAND.clock,
        await lab.clock(lab.gateway.expires),
        'notTrusted',
        'a time at which the gateway’s certificate has expired',
      );
    },
  },
  {
    id: 'clock-without-time',
    section: 'Clock',
    title: 'takes a document without a time: it introduces a gateway, and leaves the clock alone',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      await lab.call(COMMAND.clock, await lab.clock());
      const nonce = await nonceOf(lab);
      const document = lab.gateway.clock({ device: lab.facts.identity.device, nonce, wall: undefined });
      const { body, refusal } = await lab.answer(COMMAND.clock, document);
      expect(refusal === undefined, `a clock document without a time got ${describe(body)}`);
      const { seal } = await lab.seal();
      const off = Math.abs((seal.wall ?? 0) - lab.now());
      expect(off <= CLOSE, `its clock is ${off} s off after a document without a time`);
    },
  },
  {
    id: 'clock-step',
    section: 'Clock',
    title: 'logs when its clock is moved back, and not when it is moved forward a little',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.hello();
      await lab.call(COMMAND.clock, await lab.clock());
      const { head } = await lab.status();
      await lab.call(COMMAND.clock, await lab.clock(lab.now() - STEP));
      await lab.call(COMMAND.clock, await lab.clock());
      const steps = (await lab.records(head + 1))
        .map(readRecordClaims)
        .filter(({ kind, body }) => kind === KIND.device && body.get(1) === DEVICE_EVENT.clockStep);
      const [step, ...others] = steps;
      expect(step !== undefined, `its clock was moved back ${STEP} s, and nothing was logged`);
      expect(others.length === 0, `moved forward ${STEP} s, which is not to be logged, and it was`);
      const seconds = Fields.of(step.body, 'clock step').uint(3);
      const isRight = Math.abs(seconds - STEP) <= CLOSE && step.body.get(4) === true;
      expect(isRight, `a step of ${seconds} s was logged, it was ${STEP} s back`);
    },
  },
]);
