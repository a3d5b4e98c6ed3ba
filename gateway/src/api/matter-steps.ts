/**
 * What staff do about matters: the gateway logs it under its own key, with the operator who was logged in, and it becomes an
 * event like a device's. Whoever raised a matter with a band confirms it with a band: that never comes in here.
 */
import { CATEGORY, CborError, KIND, RecordError, randomBytes, requestBody, toHex } from '@timeband/protocol';
import { z } from 'zod';
import type { Ledger } from '../ledger/index.js';
import type { Matter, Matters, StepOutcome } from '../matters/index.js';
import type { OwnLog } from '../own-log/index.js';
import { momentOf } from './moment.js';
import { ApiProblem } from './problem.js';
import { categoryName, levelName, matterId, phaseName, urgencyName } from './questions/matters.js';

const id = z.string().regex(/^[a-z0-9-]{1,40}$/, 'an id of [a-z0-9-]');

export const matterStep = z
  .strictObject({
    phase: phaseName,
    matter: matterId.optional().meta({
      description: 'Needed but to open one; chosen by whoever opens it, the same again opens no other.',
    }),
    category: z.union([categoryName, z.int().min(1).max(0xffff)]).optional(),
    urgency: urgencyName.optional(),
    level: levelName.optional(),
    handler: id.optional().meta({ description: 'Account; to assign and resolve.' }),
    about: id.optional().meta({ description: 'Account that it is about; to open one.' }),
    due: z.string().max(32).optional().meta({ description: 'When the next step is due, as in questions.' }),
  })
  .meta({ id: 'MatterStep', description: 'What staff do about a matter; what is left out stays as it is.' });

export const steppedMatter = z
  .object({
    matter: matterId,
    phase: phaseName,
    level: levelName,
    due: z.int().nullable(),
    repeated: z.boolean(),
  })
  .meta({ id: 'SteppedMatter' });
export type SteppedMatter = z.output<typeof steppedMatter>;

export interface MatterStepsOptions {
  readonly matters: Matters;
  readonly ledger: Pick<Ledger, 'policy' | 'zone'>;
  readonly ownLog: Pick<OwnLog, 'log'>;
  /** Unix seconds. */
  readonly now: () => number;
}

const WHY: Readonly<Record<Exclude<StepOutcome, 'counts'>, string>> = {
  order: 'this does not follow what was done last',
  doubted: 'its proof does not hold',
  self: 'whoever raised a matter cannot work on it: nobody could confirm it then',
  asker: 'only whoever raised it confirms it, with a band of theirs',
  worked: 'whoever worked on it cannot confirm it',
  weaker: 'it was raised with a stronger proof',
};

export class MatterSteps {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MatterStepsOptions) {}

  /** @param by the operator. Resolves when it is durable; the same again changes nothing. @throws ApiProblem */
  step(given: unknown, by: string): Promise<SteppedMatter> {
    const turn = this.last.then(() => this.take(given, by));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async take(given: unknown, by: string): Promise<SteppedMatter> {
    const parsed = matterStep.safeParse(given);
    if (!parsed.success) throw new ApiProblem('api/parameters', z.prettifyError(parsed.error));
    const { matters, ownLog, now } = this.options;
    const { phase, matter: named, handler } = parsed.data;
    if (named === undefined && phase !== 'open') throw new ApiProblem('api/parameters', 'of which matter?');
    const assisted = id.safeParse(by);
    if (!assisted.success)
      throw new ApiProblem('api/role', `an operator’s name is of [a-z0-9-], and not "${by}"`);
    const request = named === undefined ? randomBytes(16) : new Uint8Array(Buffer.from(named, 'hex'));
    const at = Math.ceil(now());
    const known = matters.find(request, at);
    if (known === undefined && phase !== 'open')
      throw new ApiProblem('api/not-found', 'there is no such matter');
    if (known !== undefined && isRepeated(known, phase, handler)) return answer(request, known, true);
    const says = this.saying(parsed.data, known, at);
    const who = { id: by, account: undefined };
    const came = matters
      .preview(request, { at, who, evidence: 2, doubted: false, says })
      ?.steps.at(-1)?.outcome;
    if (came !== undefined && came !== 'counts')
      throw new ApiProblem('api/refused', WHY[came], `matter/${came}`);
    await this.log(ownLog, { request, ...says, assisted: by });
    const after = matters.find(request, Math.ceil(now()));
    if (after === undefined) throw new ApiProblem('api/failed', 'it was stored, and put aside for review');
    return answer(request, after, false);
  }

  private async log(ownLog: Pick<OwnLog, 'log'>, says: Parameters<typeof requestBody>[0]): Promise<void> {
    try {
      if ((await ownLog.log(KIND.request, requestBody(says))) !== undefined) return;
    } catch (error) {
      if (error instanceof CborError || error instanceof RecordError)
        throw new ApiProblem('api/parameters', error.message, error.code);
      throw error;
    }
    throw new ApiProblem(
      'api/closed',
      'this gateway logs nothing just now: timeband-gateway status says why',
    );
  }

  private saying(given: z.output<typeof matterStep>, known: Matter | undefined, at: number) {
    const { phase, handler, due } = given;
    const urgency = given.urgency ?? known?.urgency ?? 'routine';
    const { category = known?.category ?? CATEGORY.other } = given;
    const { routineWithin, soonWithin, urgentWithin } = this.options.ledger.policy.rules;
    const within = { routine: routineWithin, soon: soonWithin, urgent: urgentWithin }[urgency] * 60;
    const isDue = phase === 'ack' || phase === 'assign' || phase === 'escalate';
    return {
      ...{ phase, urgency, handler, level: given.level ?? known?.level ?? 'grid' },
      about: known === undefined ? given.about : known.about,
      category: typeof category === 'number' ? category : CATEGORY[category],
      due: due !== undefined ? momentOf(due, this.options.ledger.zone) : isDue ? at + within : undefined,
    };
  }
}

/** Somebody asked again because no answer came. */
function isRepeated(known: Matter, phase: Matter['phase'], handler: string | undefined): boolean {
  if (phase === 'open') return true;
  if (phase === 'escalate' || known.phase !== phase) return false;
  return phase === 'ack' || phase === 'confirm' || handler === known.handler;
}

function answer(request: Uint8Array, { phase, level, due }: Matter, repeated: boolean): SteppedMatter {
  return { matter: toHex(request), phase, level, due: due ?? null, repeated };
}
