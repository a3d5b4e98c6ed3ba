/**
 * What can be asked of the ledger and of the box, as data: over HTTP, over MQTT and by the gateway's own commands it is the
 * same question with the same answer, and the OpenAPI document is made from it.
 */
import { z } from 'zod';
import type { Role } from '../broker/index.js';
import type { Desk } from './desk.js';
import { ApiProblem } from './problem.js';

/** Whose minutes are whose is for staff and their console; how the box fares is for technicians too. */
export const STAFF: readonly Role[] = ['console', 'operator'];
export const HOUSE: readonly Role[] = [...STAFF, 'technician'];
/** What staff themselves did. */
export const OPERATORS: readonly Role[] = ['operator'];
/** What hangs on the wall: prices and rules. */
export const ALL: readonly Role[] = ['subscriber', ...HOUSE];

export interface Question {
  /** The action of an MQTT request, and what commands ask. */
  readonly name: string;
  /** Of HTTP; what stands in braces is asked for. */
  readonly path: `/v1/${string}`;
  readonly says: string;
  readonly roles: readonly Role[];
  readonly asks: z.ZodObject;
  readonly answers: z.ZodType;
  /** Whether it tells of people: whoever asks it stands in the trail. */
  readonly isPersonal: boolean;
  /** Is answered without what is derived from events, and so while that is behind too. */
  readonly needsNoBooks?: true | undefined;
  /** How it is asked by somebody who acts for an organisation; not at all where it tells of people and this is left out. */
  readonly ofOrganisation?: OfOrganisation | undefined;
  /** @throws ApiProblem */
  readonly ask: (desk: Desk, given: Readonly<Record<string, unknown>>) => Promise<Answer>;
}

export interface OfOrganisation {
  /** What has to name the organisation, and does where it is left out. */
  readonly parameter?: string;
  /** Whether an answer is the organisation's. */
  readonly owns?: (answer: Answer, organisation: string) => boolean;
}

export type Answer = Readonly<Record<string, unknown>>;

interface Described<Asks extends z.ZodObject, Answers extends z.ZodType<Answer>> extends Omit<
  Question,
  'ask' | 'asks' | 'answers' | 'isPersonal'
> {
  readonly isPersonal?: true;
  readonly asks: Asks;
  readonly answers: Answers;
  /** Nothing where there is no such thing. */
  readonly answer: (
    desk: Desk,
    asked: z.output<Asks>,
  ) => z.input<Answers> | undefined | Promise<z.input<Answers> | undefined>;
}

/** A question that knows the type of its answer. */
type Typed<Answers extends z.ZodType> = Omit<Question, 'answers'> & { readonly answers: Answers };

export function question<Asks extends z.ZodObject, Answers extends z.ZodType<Answer>>({
  answer,
  ...described
}: Described<Asks, Answers>): Typed<Answers> {
  return {
    ...described,
    isPersonal: described.isPersonal === true,
    ask: async (desk, given) => {
      const asked = described.asks.safeParse(asText(given));
      if (!asked.success) throw new ApiProblem('api/parameters', z.prettifyError(asked.error));
      const found = await answer(desk, asked.data);
      if (found === undefined)
        throw new ApiProblem('api/not-found', `there is no such ${described.name}: ${shown(given)}`);
      return found as Answer;
    },
  };
}

/** Parameters of a URL are text; those of a message may be numbers. */
function asText(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === null
        ? []
        : [[name, typeof value === 'number' || typeof value === 'boolean' ? String(value) : value]],
    ),
  );
}

function shown(given: Readonly<Record<string, unknown>>): string {
  return Object.entries(given)
    .map(([name, value]) => `${name} ${String(value).slice(0, 48)}`)
    .join(', ');
}
