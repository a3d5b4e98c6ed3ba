/**
 * The HTTP API. Who asks is known by an account of the broker, its password or its client certificate, what they may by its
 * role. A wrong one is answered as slowly here as there.
 */
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Counters, tlsContext, type TlsMaterial, tlsOptions } from '../broker/index.js';
import type { ApiConfig } from '../config/index.js';
import { formatCatalogue } from '../ledger/index.js';
import { type OrganisationReport, reportCsv } from '../organisation-report/table.js';
import type { Asker } from './asker.js';
import type { Desk } from './desk.js';
import type { FrontDesk } from './front-desk.js';
import { type HttpLogin, type HttpLoginOptions, HttpLogins } from './http-login.js';
import { openapi } from './openapi.js';
import { ApiProblem, type Problem, PROBLEM_TYPE } from './problem.js';
import type { Question } from './question.js';
import { QUESTIONS } from './questions/index.js';

export interface HttpApiOptions extends HttpLoginOptions {
  readonly desk: Pick<Desk, 'ledger'>;
  readonly front: FrontDesk;
  readonly config: ApiConfig;
  /** Read when it starts, and again when it is told to show another. */
  readonly tls: () => TlsMaterial;
  readonly counters: Counters;
}

export interface HttpApi {
  readonly host: string;
  readonly port: number;
  /** Shows the certificate as it is now. @throws what reading it throws; nothing has changed then */
  readonly reload: () => void;
  readonly close: () => Promise<void>;
}

/** Of a request: a submission is a few kilobytes. */
const BODY_BYTES = 32_768;
const LIMITS = {
  ...{ maxHeaderSize: 16_384, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 10_000 },
};
const CONNECTIONS = 64;
const BEHIND_RETRY_SECONDS = 10;

/** @throws the listener's error, such as `EADDRINUSE` */
export async function serveHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  const { config, log, counters } = options;
  const secure = config.tls ? secureServer(options.tls()) : undefined;
  const server: Server = secure ?? createServer(LIMITS);
  server.maxConnections = CONNECTIONS;
  const app = fastify({
    bodyLimit: BODY_BYTES,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, _, reply) => {
      void sendProblem(reply, problemOf(error));
    },
    serverFactory: (handler) => server.on('request', handler),
  });
  app.removeContentTypeParser('text/plain');
  await app.register(rateLimit, {
    max: config.maxRequestsPerMinute,
    timeWindow: 60_000,
    cache: 1_024,
    errorResponseBuilder: (_, { after }) =>
      new ApiProblem('api/rate', `more than ${config.maxRequestsPerMinute} a minute; again in ${after}`),
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    counters.count('api/refused', problem.code);
    if (problem.code === 'api/failed')
      log.error({ err: error, route: request.routeOptions.url }, 'a question could not be answered');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((_, reply) => {
    counters.count('api/refused', 'api/not-found');
    return sendProblem(reply, new ApiProblem('api/not-found', 'there is nothing here: see /v1/openapi.json'));
  });
  const doors = new HttpLogins(options);
  secure?.on('secureConnection', (socket) => {
    doors.connected(socket);
  });
  const logins = new WeakMap<FastifyRequest, HttpLogin>();
  const { desk, front } = options;
  const askerOf = (request: FastifyRequest): Asker => {
    const { name: account, role, organisation } = (logins.get(request) ?? nobody()).account;
    return { account, role, organisation, way: 'http' };
  };
  const allow =
    (action: string) =>
    async (request: FastifyRequest): Promise<void> => {
      logins.set(request, await doors.logIn(request.raw, request.ip));
      await front.admit(askerOf(request), action);
    };
  app.addHook('onSend', async (_, reply) => {
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
    return Promise.resolve();
  });
  app.addHook('onResponse', async (request, reply) => {
    const { account: { name, role } = {}, by } = logins.get(request) ?? {};
    const { params } = request;
    counters.count('api/requests', String(reply.statusCode));
    log.info(
      {
        ...{ account: name, role, by, remote: request.ip, method: request.method },
        ...{ route: request.routeOptions.url ?? 'unknown', params, status: reply.statusCode },
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'asked',
    );
    return Promise.resolve();
  });
  for (const question of QUESTIONS) {
    app.get(routeOf(question), { onRequest: allow(question.name) }, (request) =>
      front.ask(askerOf(request), question.name, {
        ...(request.query as Record<string, unknown>),
        ...(request.params as Record<string, unknown>),
      }),
    );
  }
  app.get('/v1/catalogue.csv', { onRequest: allow('catalogue') }, (_, reply) =>
    reply
      .type('text/csv; charset=utf-8')
      .send(formatCatalogue(desk.ledger.policy.catalogue.services.values())),
  );
  app.get(
    '/v1/organisations/:account/report.csv',
    { onRequest: allow('organisation') },
    async (request, reply) => {
      const report = await front.ask(askerOf(request), 'organisation', {
        ...(request.query as Record<string, unknown>),
        ...(request.params as Record<string, unknown>),
      });
      return reply.type('text/csv; charset=utf-8').send(reportCsv(report as OrganisationReport));
    },
  );
  app.get('/v1/openapi.json', () => openapi());
  app.post('/v1/records', { onRequest: allow('submit') }, async (request, reply) => {
    const answer = await front.submit(askerOf(request), request.body);
    log.info(
      { account: logins.get(request)?.account.name, event: answer.event, approvedBy: answer.approvedBy },
      'a record was brought',
    );
    return reply.code(answer.repeated ? 200 : 201).send(answer);
  });
  app.post('/v1/matters', { onRequest: allow('step') }, async (request, reply) => {
    const answer = await front.step(askerOf(request), request.body);
    return reply.code(answer.repeated ? 200 : 201).send(answer);
  });
  app.post('/v1/lunch', { onRequest: allow('mealStep') }, async (request, reply) => {
    const answer = await front.mealStep(askerOf(request), request.body);
    return reply.code(answer.done.length === 0 ? 200 : 201).send(answer);
  });
  await app.listen({ host: config.host, port: config.port });
  const { address: host, port } = server.address() as AddressInfo;
  log.info({ host, port, tls: config.tls }, 'the HTTP API is served');
  return {
    ...{ host, port },
    reload: () => {
      if (secure === undefined) return;
      secure.setSecureContext(tlsContext(options.tls()));
      doors.trustChanged();
    },
    close: async () => {
      server.closeAllConnections();
      await app.close();
    },
  };
}

function secureServer(material: TlsMaterial): SecureServer {
  return createSecureServer({ ...LIMITS, ...tlsOptions(material) });
}

function nobody(): never {
  throw new ApiProblem('api/credentials', 'nobody is logged in');
}

function routeOf({ path }: Question): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function sendProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Basic realm="timeband", charset="UTF-8"');
  if (problem.code === 'api/behind') reply.header('retry-after', BEHIND_RETRY_SECONDS);
  const body: Problem = problem.toJSON();
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}

/** What the library refuses by itself is theirs; anything else that was thrown is ours. */
function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (statusCode === 413) return new ApiProblem('api/too-large', `more than ${BODY_BYTES} bytes`);
  if (statusCode === 415) return new ApiProblem('api/media-type', 'send application/json');
  if (statusCode >= 400 && statusCode < 500) return new ApiProblem('api/parameters', message);
  return new ApiProblem('api/failed', 'the gateway could not do it; its log says why');
}
