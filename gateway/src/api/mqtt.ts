/**
 * Questions and submissions over MQTT (SPEC.md, Requests): what a client publishes under its own name is answered under its own
 * name, to whoever of its sessions is connected then. All of it is safe to ask twice.
 */
import { type ClientResponse, gatewayTopics } from '@timeband/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Counters, Login } from '../broker/index.js';
import type { Asker } from './asker.js';
import type { Desk } from './desk.js';
import type { FrontDesk } from './front-desk.js';
import { ApiProblem } from './problem.js';

export interface MqttApiOptions {
  readonly desk: Pick<Desk, 'site' | 'gateway'>;
  readonly front: FrontDesk;
  /** Says whether it could be; never rejects. */
  readonly respond: (topic: string, payload: string) => Promise<boolean>;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Logger;
  readonly counters: Counters;
}

/** A message as a client published it. */
export interface Published {
  readonly login: Login;
  readonly topic: string;
  readonly payload: Uint8Array;
}

const request = z.object({
  action: z.string().max(40),
  expires: z.int().min(0),
  arguments: z.record(z.string(), z.unknown()).optional(),
});

/** That wait at once, of all clients. */
const MOST_WAITING = 256;

export class MqttApi {
  private readonly prefix: string;
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MqttApiOptions) {
    const { site, gateway } = options.desk;
    this.prefix = gatewayTopics(site, gateway).request('-', '-').split('/').slice(0, -2).join('/');
  }

  /** One question after the other, so that other work goes on between two. */
  take({ login, topic, payload }: Published): void {
    if (!topic.startsWith(`${this.prefix}/`)) return;
    const id = topic.split('/').at(-1) ?? '';
    if (this.waiting >= MOST_WAITING) {
      void this.respond(login, id, refusal(new ApiProblem('api/busy', 'too many requests wait')));
      return;
    }
    this.waiting++;
    this.last = this.last
      .then(() => new Promise((resolve) => setImmediate(resolve)))
      .then(() => this.answer(login, id, payload))
      .finally(() => {
        this.waiting--;
      });
  }

  private async answer(login: Login, id: string, payload: Uint8Array): Promise<void> {
    const { log, counters } = this.options;
    const { account, role } = login;
    let action: string | undefined;
    let response: ClientResponse;
    try {
      const asked = this.read(payload);
      action = asked.action;
      response = { state: 'done', result: await this.ask(login, asked) };
    } catch (error) {
      if (!(error instanceof ApiProblem))
        log.error({ err: error, action }, 'a request could not be answered');
      response = refusal(
        error instanceof ApiProblem
          ? error
          : new ApiProblem('api/failed', 'the gateway could not do it; its log says why'),
      );
    }
    const outcome = response.state === 'done' ? 'done' : response.code;
    counters.count('api/mqtt', outcome);
    log.info({ account, role, via: 'mqtt', request: id, action, outcome }, 'asked');
    await this.respond(login, id, response);
  }

  /** @throws ApiProblem */
  private read(payload: Uint8Array): z.output<typeof request> {
    let given: unknown;
    try {
      given = JSON.parse(Buffer.from(payload).toString());
    } catch {
      throw new ApiProblem('api/parameters', 'a request is JSON');
    }
    const parsed = request.safeParse(given);
    if (!parsed.success) throw new ApiProblem('api/parameters', z.prettifyError(parsed.error));
    if (parsed.data.expires <= this.options.now())
      throw new ApiProblem('api/expired', 'it came too late, and was not carried out');
    return parsed.data;
  }

  /** @throws ApiProblem */
  private async ask(
    { role, account, organisation }: Login,
    { action, arguments: given = {} }: z.output<typeof request>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { front } = this.options;
    const asker: Asker = { account, role, organisation, way: 'mqtt' };
    if (action === 'step') return { ...(await front.step(asker, given)) };
    if (action === 'mealStep') return { ...(await front.mealStep(asker, given)) };
    if (action === 'submit') return { ...(await front.submit(asker, given)) };
    return front.ask(asker, action, given);
  }

  private async respond({ account }: Login, id: string, response: ClientResponse): Promise<void> {
    const { desk, respond, log } = this.options;
    const topic = gatewayTopics(desk.site, desk.gateway).response(account, id);
    if (!(await respond(topic, JSON.stringify(response))))
      log.error({ account, request: id }, 'a request could not be answered');
  }
}

function refusal({ code, because, message }: ApiProblem): ClientResponse {
  return { state: 'refused', code: because ?? code, message };
}
