/** The ways in and out of the ledger, put together over a running gateway. */
import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import { readinessOf } from '../monitor/index.js';
import type { ControlRoute } from '../ops/control.js';
import type { RunningGateway } from '../ops/index.js';
import { CertificateKeeper, readTlsMaterial } from '../tls/index.js';
import { askRoutes } from './control.js';
import type { Desk } from './desk.js';
import { FrontDesk } from './front-desk.js';
import type { HttpApi } from './http.js';
import { MatterSteps } from './matter-steps.js';
import { MealSteps } from './meal-steps.js';
import { MqttApi } from './mqtt.js';
import { Submissions } from './submit.js';

export interface ApiOptions {
  readonly gateway: RunningGateway;
  readonly config: Config;
  readonly log: Logger;
  /** Is told how long an answer took, in milliseconds. */
  readonly answered?: ((way: string, ms: number) => void) | undefined;
}

export interface Api {
  /** Where it is served; nothing while the settings have no `api`. */
  readonly http: Pick<HttpApi, 'host' | 'port'> | undefined;
  /** For the gateway's own commands. */
  readonly routes: Readonly<Record<string, ControlRoute>>;
  readonly close: () => Promise<void>;
}

/** @throws ConfigError without the files of TLS; the listener's error */
export async function startApi({ gateway, config, log, answered }: ApiOptions): Promise<Api> {
  const { site, gateway: id } = config;
  const { ledger, matters, kitchen, cases, store, ownLog, approvers, report, receipts, trail, counters } =
    gateway;
  const desk: Desk = {
    ...{ site, gateway: id, ledger, matters, kitchen, cases, store, trail, report },
    now: () => gateway.clock.now() ?? Date.now() / 1_000,
    readiness: () => readinessOf(gateway, Date.now() / 1_000),
    receipt: (event) => receipts.receipt(event),
  };
  const submissions = new Submissions({ site, gateway: id, approvers, ownLog, ledger, store });
  const steps = new MatterSteps({ matters, ledger, ownLog, now: desk.now });
  const meals = new MealSteps({ kitchen, ledger, ownLog, now: desk.now });
  const front = new FrontDesk({
    ...{ desk, submissions, steps, meals, books: gateway.booksReport, note: (deed) => trail.note(deed) },
    answered: (way, outcome, ms) => {
      counters.count('api/answered', `${way} ${outcome}`);
      answered?.(way, ms);
    },
  });
  const mqtt = new MqttApi({
    ...{ desk, front, log, counters, now: () => Date.now() / 1_000 },
    respond: gateway.publishHint,
  });
  gateway.onPublished((login, topic, payload) => {
    mqtt.take({ login, topic, payload });
  });
  const routes = askRoutes(front);
  if (config.api === undefined) return { http: undefined, routes, close: () => Promise.resolve() };
  const { serveHttpApi } = await import('./http.js'); // where there is none it need not be loaded
  const { timers, clock, logIn, logInByCertificate } = gateway;
  const tls = () => readTlsMaterial(config);
  const http = await serveHttpApi({
    ...{ desk, front, logIn, logInByCertificate, config: config.api, tls, log, counters },
  });
  const keeper = config.api.tls
    ? new CertificateKeeper({
        ...{ config, timers, log, counters, now: () => clock.now() },
        changed: http.reload,
      })
    : undefined;
  await keeper?.start();
  return {
    ...{ http, routes },
    close: async () => {
      keeper?.close();
      await http.close();
    },
  };
}
