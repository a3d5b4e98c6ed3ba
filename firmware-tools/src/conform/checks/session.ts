/** A link that nobody trusts (SPEC.md, Session). */
import {
  COMMAND,
  decodePacket,
  encode,
  encodePacket,
  HANDSHAKE_MS,
  OP,
  OS_COMMAND,
  OS_GROUP,
  parametersRequest,
  RC,
  SessionError,
  SmpError,
  type SmpPacket,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import type { GatewayClaims } from '../authority.js';
import { type Check, checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { type Answer, type Connection, describe, readAnswer } from '../connection.js';
import { asRequest, type Lab } from '../lab.js';
import { mustHear } from './packets-of.js';

const SEQUENCE = 210;
const { accessDenied } = RC;

/** A packet of group 84 in clear, below any session. */
async function inClear(connection: Connection, id: number, payload = encode(new Map())): Promise<Answer> {
  await connection.inject(
    encodePacket({ op: OP.read, group: TIMEBAND_GROUP, id, sequence: SEQUENCE, payload }),
  );
  const packet = await mustHear(
    connection,
    (heard) => heard.sequence === SEQUENCE && heard.group === TIMEBAND_GROUP,
    'a request in clear',
  );
  return readAnswer(packet);
}

/** Who it is does not get a session. */
async function turnedAway(lab: Lab, claims: GatewayClaims, who: string): Promise<void> {
  const { client } = await lab.reconnectBare();
  const gateway = lab.authority.gateway(claims);
  const outcome = await client.beginCertified(lab.authority.party(gateway)).then(
    () => 'opened' as const,
    (error: unknown) => {
      if (error instanceof SessionError || (error instanceof SmpError && error.code === 'smp/device'))
        return 'refused';
      throw error;
    },
  );
  expect(outcome === 'refused', `${who} got a session`);
  const { refusal, body } = await inClear(lab.connection, COMMAND.identity.id);
  expect(refusal?.rc === accessDenied, `after a handshake that failed "identity" got ${describe(body)}`);
}

const ALL: readonly Omit<Check, 'area' | 'needs'>[] = [
  {
    id: 'session-closed',
    section: 'Session',
    title: 'says nothing of itself before a session: {"rc": 11}',
    run: async (lab) => {
      const connection = await lab.reconnectBare();
      for (const { id, name } of [COMMAND.identity, COMMAND.status, COMMAND.certificate, COMMAND.factory]) {
        const { refusal, body } = await inClear(connection, id);
        expect(refusal?.rc === accessDenied, `"${name}" before a session got ${describe(body)}`);
      }
    },
  },
  {
    id: 'session-open',
    section: 'Session',
    title: 'answers echo and parameters to anybody',
    run: async (lab) => {
      const connection = await lab.reconnectBare();
      await connection.alive();
      const { body, refusal } = await connection.ask(parametersRequest);
      expect(refusal === undefined, `"parameters" before a session got ${describe(body)}`);
    },
  },
  {
    id: 'session-opens',
    section: 'EDHOC',
    title: 'makes a session with a gateway of its site, as whom its certificate says',
    run: async (lab) => {
      const { client } = await lab.reconnectBare();
      const peer = await client.beginCertified(lab.authority.party(lab.gateway));
      const { device } = await lab.identity();
      expect(peer.subject === device, `the session is ${peer.subject}'s, it calls itself ${device}`);
    },
  },
  {
    id: 'session-stranger',
    section: 'EDHOC',
    title: 'makes no session with who is certified by a stranger',
    run: (lab) => turnedAway(lab, { by: lab.authority.stranger() }, 'a stranger'),
  },
  {
    id: 'session-site',
    section: 'EDHOC',
    title: 'makes no session with a gateway of another site',
    run: (lab) => turnedAway(lab, { site: 'elsewhere' }, 'a gateway of another site'),
  },
  {
    id: 'session-role',
    section: 'EDHOC',
    title: 'makes no session with an operator',
    run: (lab) => turnedAway(lab, { role: 'operator' }, 'an operator'),
  },
  {
    id: 'session-order',
    section: 'EDHOC',
    title: 'refuses a step of a handshake that was not begun with 3',
    run: async (lab) => {
      const connection = await lab.reconnectBare();
      const { refusal, body } = await connection.ask(
        asRequest(COMMAND.handshake, { message: new Uint8Array(60) }),
      );
      expect(refusal?.rc === 3, `a second step without a first got ${describe(body)}`);
    },
  },
  {
    id: 'session-garbage',
    section: 'EDHOC',
    title: 'survives a handshake of noise, and makes a session afterwards',
    run: async (lab) => {
      const connection = await lab.reconnectBare();
      await connection.ask(asRequest(COMMAND.handshake, { method: 'edhoc' }));
      await connection.ask(asRequest(COMMAND.handshake, { message: new Uint8Array(120).fill(0x58) }));
      await connection.client.beginCertified(lab.authority.party(lab.gateway));
      await lab.identity();
    },
  },
  {
    id: 'session-time',
    section: 'Session',
    title: `drops a handshake that is not finished within ${HANDSHAKE_MS / 1_000} s`,
    run: async (lab) => {
      const { client } = await lab.reconnectBare();
      await client.exchange(asRequest(COMMAND.handshake, { method: 'edhoc' }));
      await lab.wait(HANDSHAKE_MS + 500);
      const late = await lab.connection
        .ask(asRequest(COMMAND.handshake, { message: new Uint8Array(60) }))
        .catch(() => undefined); // it hung up: that is as good
      expect(late === undefined || late.refusal !== undefined, 'a handshake went on after its time');
      await lab.reconnect();
    },
  },
  {
    id: 'session-in-clear',
    section: 'In a session',
    title: 'refuses what is asked in clear while there is a session: {"rc": 11}',
    run: async (lab) => {
      await lab.reconnect();
      const { refusal, body } = await inClear(lab.connection, COMMAND.status.id);
      expect(refusal?.rc === accessDenied, `"status" in clear in a session got ${describe(body)}`);
      await lab.identity();
    },
  },
  {
    id: 'session-replay',
    section: 'In a session',
    title: 'obeys no message twice',
    run: async (lab) => {
      await lab.reconnect();
      const sent = await protectedRequest(lab);
      await lab.connection.inject(sent);
      const answer = await lab.connection.hear((packet) => belongsTo(packet, sent));
      expect(answer === undefined || isDenied(answer), 'a message that was played back was answered');
    },
  },
  {
    id: 'session-tampered',
    section: 'In a session',
    title: 'refuses a message that was changed on its way, and goes on with the session',
    run: async (lab) => {
      await lab.reconnect();
      const sent = await protectedRequest(lab, 'keep');
      sent[sent.length - 1] = (sent.at(-1) ?? 0) ^ 1;
      await lab.connection.inject(sent);
      const answer = await lab.connection.hear((packet) => belongsTo(packet, sent));
      expect(answer === undefined || isDenied(answer), 'a message that was changed on its way was answered');
      await lab.identity();
    },
  },
  {
    id: 'session-rights',
    section: 'In a session',
    title: 'lets a gateway reset nothing and change no image (11)',
    run: async (lab) => {
      await lab.reconnect();
      const denied = { op: 'write', body: new Map() } as const;
      const reset = { ...denied, group: OS_GROUP, id: OS_COMMAND.reset, name: 'reset' };
      await lab.rejects(reset, accessDenied, '"reset" of a gateway');
      await lab.rejects(
        { ...denied, group: 1, id: 0, name: 'image state' },
        accessDenied,
        '"image state" of a gateway',
      );
    },
  },
  {
    id: 'session-meet',
    section: 'In a session',
    title: 'meets no gateway as if it were a band (11)',
    run: async (lab) => {
      await lab.reconnect();
      const request = asRequest(COMMAND.meet, { nonce: new Uint8Array(16), service: 1 });
      await lab.rejects(request, accessDenied, '"meet" of a gateway');
    },
  },
  {
    id: 'session-ends',
    section: 'Session',
    title: 'ends a session with its connection',
    run: async (lab) => {
      await lab.reconnect();
      await lab.identity();
      const { refusal, body } = await inClear(await lab.reconnectBare(), COMMAND.identity.id);
      expect(refusal?.rc === accessDenied, `"identity" on a new connection got ${describe(body)}`);
    },
  },
];

/** Each in a connection of its own, so that the next area finds a session again. */
export const SESSION = checksOf(
  'session',
  ALL.map((check) => ({
    ...check,
    needs: ['issuer', 'session'] as const,
    run: async (lab: Lab) => {
      try {
        await check.run(lab);
      } finally {
        await lab.reconnectPatiently();
      }
    },
  })),
);

/** A request in the session as it went over the link. `keep`: with a counter that the device has not seen. */
async function protectedRequest(lab: Lab, keep?: 'keep'): Promise<Uint8Array> {
  const sent = await lab.connection.lastSent(async () => {
    await lab.status();
  }, keep);
  return sent.slice();
}

function belongsTo(packet: SmpPacket, sent: Uint8Array): boolean {
  const { group, id, sequence } = decodePacket(sent);
  return packet.group === group && packet.id === id && packet.sequence === sequence;
}

function isDenied(packet: SmpPacket): boolean {
  return readAnswer(packet).refusal?.rc === accessDenied;
}
