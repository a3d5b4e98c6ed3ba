/** JSON Schemas of what stands on the topics (JSON Schema, draft 7, as AsyncAPI 3 takes it). */

export type Schema = Readonly<Record<string, unknown>>;

const id = { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 40 };
const seconds = { type: 'integer', minimum: 0, maximum: 0xffff_ffff, description: 'Unix seconds' };
const uint = { type: 'integer', minimum: 0, maximum: 0xffff_ffff };
const hex = (bytes: number): Schema => ({ type: 'string', pattern: `^[0-9a-f]{${2 * bytes}}$` });
const orNull = (schema: Schema): Schema => ({ oneOf: [schema, { type: 'null' }] });

function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties };
}

const binary = (what: string): Schema => ({ type: 'string', format: 'binary', description: what });

/** By the name that {@link TOPICS} gives to what is on a topic. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  EventMessage: binary('CBOR [event, receipt], both as byte strings: SPEC.md, Receipt'),
  JsonTwin: object({
    specversion: { const: '1.0' },
    id: { type: 'string', pattern: '^[0-9a-f]{16}-[0-9]+-[0-9]+$', description: '{kid}-{epoch}-{seq}' },
    source: { type: 'string', pattern: '^tb/1/[a-z0-9-]+/[a-z0-9-]+$' },
    type: { type: 'string', pattern: '^timeband\\.[a-z]+$' },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    data: object({
      site: id,
      gateway: id,
      seq: uint,
      device: id,
      log: hex(16),
      logSeq: uint,
      evidence: { enum: [0, 1, 2] },
      earliest: orNull(seconds),
      latest: seconds,
      band: orNull(id),
      minutes: orNull(uint),
      vouched: { enum: ['gateway', null] },
      act: orNull(hex(32)),
      cose: { type: 'string', contentEncoding: 'base64', description: 'the event message itself' },
    }),
  }),
  GatewayStatus: object({ state: { enum: ['online', 'offline'] }, gateway: id, site: id, since: seconds }),
  GatewayHealth: { type: 'object', description: 'counters and link states by name' },
  Certificate: binary('a CWT: SPEC.md, Certificate'),
  TreeHead: binary('a COSE_Sign1 of purpose head: SPEC.md, Receipt'),
  HelpHeard: object({
    device: id,
    at: seconds,
    rssi: { type: 'integer', minimum: -128, maximum: 127, description: 'dBm' },
    battery: { type: 'integer', minimum: 0, maximum: 100, description: 'per cent' },
  }),
  PolicyDocument: binary('a COSE_Sign1 of purpose policy: SPEC.md, Policy'),
  Forward: binary('a COSE_Sign1 of purpose forward: SPEC.md, Forward'),
  ForwardAnswer: binary('a COSE_Sign1 of purpose forward-answer: SPEC.md, Forward'),
  ClientRequest: object(
    {
      action: { type: 'string' },
      expires: seconds,
      arguments: {
        type: 'object',
        description: 'the parameters of the operation with this name in openapi.yaml; of submit its body',
      },
    },
    ['arguments'],
  ),
  ClientResponse: {
    oneOf: [
      object({ state: { const: 'done' }, result: { type: 'object' } }, ['result']),
      object({ state: { const: 'refused' }, code: { type: 'string' }, message: { type: 'string' } }),
    ],
  },
};

/** What a parameter of a topic may be. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  site: 'Id of the site.',
  gateway: 'Id of the gateway.',
  type: 'Name of a kind of record, or of a type of policy document.',
  client: 'The login of the client: nobody publishes or reads under the name of another.',
  id: 'Chosen by the client, an id that it uses once.',
};
