/** The OpenAPI 3.1 document of the HTTP API, made from the questions that there are. */
import { z } from 'zod';
import { matterStep, steppedMatter } from './matter-steps.js';
import { mealStep, steppedMeals } from './meal-steps.js';
import { PROBLEM_TYPE } from './problem.js';
import type { Question } from './question.js';
import { QUESTIONS } from './questions/index.js';
import { submission, submitted } from './submit.js';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'RFC 9457. `type` names the cause and never changes; `detail` is for people.',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', examples: ['urn:timeband:api/not-found'] },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    because: { type: 'string', description: 'Of what was found wrong with a record: docs/codes.md.' },
  },
};

export function openapi(): Json {
  const { schemas, refOf } = components();
  const paths = QUESTIONS.map((question): [string, Json] => [
    question.path,
    { get: operation(question, refOf) },
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Timeband: the ledger of a gateway',
      version: '1.0.0',
      description:
        'Balances, statements and what they derive from; and the one way in for what operators have approved. docs/ledger.md says how to use it.',
      license: { name: 'UNLICENSED', identifier: 'LicenseRef-UNLICENSED' },
    },
    servers: [{ url: 'https://127.0.0.1:9443', description: 'Where the settings say.' }],
    security: [{ account: [] }, { certificate: [] }],
    paths: {
      ...Object.fromEntries(paths),
      '/v1/matters': {
        ...paths.find(([path]) => path === '/v1/matters')?.[1],
        post: stepOperation(refOf),
      },
      '/v1/lunch': { ...paths.find(([path]) => path === '/v1/lunch')?.[1], post: mealStepOperation(refOf) },
      '/v1/catalogue.csv': { get: csvOperation() },
      '/v1/organisations/{account}/report.csv': { get: reportOperation() },
      '/v1/records': { post: submitOperation(refOf) },
    },
    components: {
      securitySchemes: {
        account: {
          type: 'http',
          scheme: 'basic',
          description: 'An account of the MQTT broker: timeband-gateway user add.',
        },
        certificate: {
          type: 'mutualTLS',
          description:
            'Without a password: the client certificate of an account, as the MQTT broker takes it: timeband-gateway tls client.',
        },
      },
      schemas: { ...schemas, Problem: PROBLEM_SCHEMA },
    },
  };
}

function operation({ name, path, says, roles, asks, answers }: Question, refOf: RefOf): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  const { properties = {}, required = [] } = z.toJSONSchema(asks, { io: 'output' });
  const needed = z.toJSONSchema(asks, { io: 'input' }).required ?? required;
  const parameters = Object.entries(properties).map(([parameter, schema]) => {
    const { description, ...rest } = schema as { description?: string };
    return {
      name: parameter,
      in: inPath.includes(parameter) ? 'path' : 'query',
      required: inPath.includes(parameter) || (needed.includes(parameter) && !('default' in rest)),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
  return {
    operationId: name,
    summary: says,
    description: `For accounts of role ${roles.join(', ')}.`,
    ...(parameters.length > 0 && { parameters }),
    responses: { 200: content('application/json', 'The answer.', refOf(answers)), ...failures() },
  };
}

function csvOperation(): Json {
  return {
    operationId: 'catalogueCsv',
    summary: 'The catalogue in force as a table: timeband-gateway catalogue import reads it.',
    responses: { 200: content('text/csv', 'The table.', { type: 'string' }), ...failures() },
  };
}

function reportOperation(): Json {
  const text = { type: 'string' };
  return {
    operationId: 'organisationCsv',
    summary: 'The month of an organisation as a table.',
    description: 'For accounts of role console, operator.',
    parameters: [
      { name: 'account', in: 'path', required: true, schema: text },
      { name: 'month', in: 'query', required: false, schema: text },
    ],
    responses: { 200: content('text/csv', 'The table.', { type: 'string' }), ...failures() },
  };
}

function stepOperation(refOf: RefOf): Json {
  return {
    operationId: 'step',
    summary: 'Raises a matter, or takes the next step about one, in the name of the account that asks.',
    description: 'For accounts of role console, operator. What is not in order is refused with 422.',
    requestBody: { required: true, content: { 'application/json': { schema: refOf(matterStep) } } },
    responses: {
      200: content('application/json', 'It was so before.', refOf(steppedMatter)),
      201: content(
        'application/json',
        'It is durable, and this is how the matter stands.',
        refOf(steppedMatter),
      ),
      ...failures(),
    },
  };
}

function mealStepOperation(refOf: RefOf): Json {
  return {
    operationId: 'mealStep',
    summary: 'Orders, packs, delivers or cancels meals of a day, in the name of the account that asks.',
    description:
      'For accounts of role console, operator. What is not in order is named among `refused`; the others are done.',
    requestBody: { required: true, content: { 'application/json': { schema: refOf(mealStep) } } },
    responses: {
      200: content('application/json', 'Nothing had to be done, or could be.', refOf(steppedMeals)),
      201: content('application/json', 'What is done is durable.', refOf(steppedMeals)),
      ...failures(),
    },
  };
}

function submitOperation(refOf: RefOf): Json {
  return {
    operationId: 'submit',
    summary: 'Brings what operators have decided and approved; the same again changes nothing.',
    description:
      'For accounts of role console, operator. What is not approved as its kind needs it is refused with 422, whoever brings it.',
    requestBody: { required: true, content: { 'application/json': { schema: refOf(submission) } } },
    responses: {
      200: content('application/json', 'It was there before.', refOf(submitted)),
      201: content('application/json', 'It is durable, and this is what it came to.', refOf(submitted)),
      ...failures(),
    },
  };
}

function content(type: string, description: string, schema: Json): Json {
  return { description, content: { [type]: { schema } } };
}

function failures(): Json {
  return {
    default: content(PROBLEM_TYPE, 'Why not.', { $ref: '#/components/schemas/Problem' }),
  };
}

type RefOf = (schema: z.ZodType) => Json;

/** Every schema with a name, once. */
function components(): { readonly schemas: Json; readonly refOf: RefOf } {
  const roots = [
    ...QUESTIONS.map(({ answers }) => answers),
    submission,
    submitted,
    matterStep,
    steppedMatter,
    mealStep,
    steppedMeals,
  ];
  const schemas: Record<string, unknown> = {};
  for (const schema of roots) {
    const { $defs = {}, ...own } = z.toJSONSchema(schema, { io: 'output' }) as Json & { $defs?: Json };
    for (const [name, inner] of Object.entries({ ...$defs, [idOf(schema)]: own }))
      schemas[name] = clean(inner);
  }
  return { schemas, refOf: (schema) => ({ $ref: `#/components/schemas/${idOf(schema)}` }) };
}

function idOf(schema: z.ZodType): string {
  const id = schema.meta()?.id;
  if (id === undefined) throw new TypeError('an answer without a name');
  return id;
}

/** Names of its own place instead of those of a document of its own. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key === '$schema' || key === 'id' || key === '$id') return [];
      if (key === '$ref' && typeof inner === 'string')
        return [[key, inner.replace('#/$defs/', '#/components/schemas/')]];
      return [[key, clean(inner)]];
    }),
  );
}
