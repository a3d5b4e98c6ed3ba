/**
 * A parsed CDDL file (RFC 8610) as a JSON Schema over {@link Projection}s. It translates and judges nothing: what
 * parses is the package cddl, what validates is the package ajv. Constructs that timeband.cddl does not use throw.
 */
import type { Assignment, Group, Operator, Property, PropertyReference, PropertyType } from 'cddl';
import { keyText } from './project.js';

export type Schema = Readonly<Record<string, unknown>>;

/** Entries of a map or an array, one list for each alternative of a group choice. */
type Alternatives = readonly (readonly Property[])[];

const TEXT: Schema = { type: 'object', required: ['text'] };
const BYTES: Schema = { type: 'object', required: ['bytes'] };

/** Types of the prelude (RFC 8610, Appendix D). */
const PRELUDE: Readonly<Record<string, Schema>> = {
  any: {},
  bool: { type: 'boolean' },
  int: { type: 'integer' },
  uint: { type: 'integer', minimum: 0 },
  nil: { type: 'null' },
  tstr: TEXT,
  bytes: BYTES,
};

/** Which keys of the projection a type of the prelude stands for, where it is the key of further entries. */
const KEY_PATTERNS: Readonly<Record<string, string>> = {
  any: '',
  int: '^-?[0-9]+$',
  uint: '^[0-9]+$',
  tstr: '^"',
};

/** One definition for each rule, named alike. */
export function schemaOf(rules: readonly Assignment[]): Schema {
  const translation = new Translation(rules);
  return { definitions: translation.definitions() };
}

class Translation {
  private readonly groups: ReadonlyMap<string, Group>;

  constructor(private readonly rules: readonly Assignment[]) {
    this.groups = new Map(rules.flatMap((rule) => (rule.Type === 'group' ? [[rule.Name, rule]] : [])));
  }

  definitions(): Schema {
    const definitions = new Map<string, Schema[]>();
    for (const rule of this.rules) {
      // `name /= type` adds a choice to what stands there already.
      const extends_ = rule.Type === 'variable' && rule.IsChoiceAddition;
      if (definitions.has(rule.Name) && !extends_) throw new Error(`rule ${rule.Name} stands there twice`);
      definitions.set(rule.Name, [...(definitions.get(rule.Name) ?? []), this.rule(rule)]);
    }
    return Object.fromEntries([...definitions].map(([name, choices]) => [name, anyOf(choices)]));
  }

  private rule(rule: Assignment): Schema {
    switch (rule.Type) {
      case 'variable':
        return this.type(rule.PropertyType);
      case 'group':
        return this.map(rule);
      case 'array':
        return this.array(rule.Values);
    }
  }

  private type(type: PropertyType | PropertyType[]): Schema {
    if (Array.isArray(type)) return anyOf(type.map((choice) => this.type(choice)));
    if (typeof type === 'string') return prelude(type);
    if ('Value' in type) return this.withControl(this.reference(type), type.Operator);
    if ('Name' in type) return this.rule(type);
    return this.withControl(this.type(type.Type), type.Operator);
  }

  private reference({ Type: sort, Value: value }: PropertyReference): Schema {
    if (sort === 'literal') return typeof value === 'number' ? { const: value } : text({ const: value });
    if (sort === 'group' && typeof value === 'string') return { $ref: `#/definitions/${value}` };
    if (typeof value === 'object' && 'Min' in value) {
      return { type: 'integer', minimum: bound(value.Min), maximum: bound(value.Max) };
    }
    if (typeof value === 'object' && 'NumericPart' in value) {
      const tag = Number(String(value.NumericPart).split('.')[1]);
      return {
        type: 'object',
        required: ['tag'],
        properties: { tag: { const: tag }, content: this.type(value.TypePart) },
      };
    }
    throw new Error(`a reference of sort ${sort} is not translated`);
  }

  /** Control operators (RFC 8610 §3.8). The parser takes `.cbor` only under another name, see `parseCddl`. */
  private withControl(base: Schema, operator: Operator | undefined): Schema {
    if (operator === undefined) return base;
    const { Type: name, Value: argument } = operator;
    if (name === 'size')
      return { allOf: [base, { type: 'object', properties: { size: this.type(argument) } }] };
    if (name === 'regexp')
      return { allOf: [base, text({ type: 'string', pattern: `^(?:${String(literal(argument))})$` })] };
    if (name === 'and') {
      return {
        allOf: [base, { type: 'object', required: ['cbor'], properties: { cbor: this.type(argument) } }],
      };
    }
    throw new Error(`the control operator .${name} is not translated`);
  }

  private map(group: Group): Schema {
    return anyOf(
      this.alternatives(group.Properties).map((entries) => {
        // A group for arrays, such as `( bool, tstr )`: there is no map of it.
        if (entries.some(({ Name: key }) => key === '')) return { not: {} };
        const keyed = entries.filter(({ Occurrence: { m } }) => m === 1);
        const further = entries.filter(({ Occurrence: { m } }) => m !== 1);
        return {
          type: 'object',
          required: ['map'],
          properties: {
            map: {
              type: 'object',
              required: keyed.filter(({ Occurrence: { n } }) => n === 1).map(({ Name }) => keyOf(Name)),
              properties: Object.fromEntries(keyed.map((entry) => [keyOf(entry.Name), this.entry(entry)])),
              patternProperties: Object.fromEntries(
                further.map((entry) => [keyPattern(entry), this.entry(entry)]),
              ),
              additionalProperties: false,
            },
          },
        };
      }),
    );
  }

  private array(values: readonly (Property | Property[])[]): Schema {
    return anyOf(
      this.alternatives(values).map((elements) => {
        const [only] = elements;
        if (elements.length === 1 && only !== undefined && only.Occurrence.m !== 1) {
          const { n, m } = only.Occurrence;
          return {
            type: 'array',
            items: this.entry(only),
            minItems: n,
            ...(m < Infinity && { maxItems: m }),
          };
        }
        const needed = elements.filter(({ Occurrence: { n } }) => n === 1).length;
        if (elements.slice(0, needed).some(({ Occurrence: { n } }) => n === 0)) {
          throw new Error('an optional element before one that is needed is not translated');
        }
        return {
          type: 'array',
          items: elements.map((element) => this.entry(element)),
          minItems: needed,
          additionalItems: false,
        };
      }),
    );
  }

  private entry({ Type: type, Operator: operator }: Property): Schema {
    return this.withControl(this.type(type), operator);
  }

  /** Writes groups that are named without a key in place, and makes one list of each of their choices. */
  private alternatives(entries: readonly (Property | Property[])[]): Alternatives {
    // The parser keeps a group choice as a nested list, but for its last member: a group of choices has nothing else.
    if (entries.some(Array.isArray)) {
      return entries.flat().flatMap((choice) => this.included(choice) ?? [[choice]]);
    }
    return (entries as readonly Property[]).reduce<Alternatives>(
      (before, entry) => {
        const after = this.included(entry) ?? [[entry]];
        return before.flatMap((list) => after.map((more) => [...list, ...more]));
      },
      [[]],
    );
  }

  private included({ Name: key, Type: type, Occurrence: { m } }: Property): Alternatives | undefined {
    if (key !== '' || m !== 1) return undefined;
    const [reference] = [type].flat();
    if (typeof reference !== 'object' || !('Value' in reference) || typeof reference.Value !== 'string')
      return undefined;
    const group = this.groups.get(reference.Value);
    return group && this.alternatives(group.Properties);
  }
}

function anyOf(choices: readonly Schema[]): Schema {
  const [only] = choices;
  return choices.length === 1 && only !== undefined ? only : { anyOf: choices };
}

function prelude(name: string): Schema {
  const schema = PRELUDE[name];
  if (schema === undefined) throw new Error(`the type ${name} is not translated`);
  return schema;
}

function text(constraint: Schema): Schema {
  return { ...TEXT, properties: { text: constraint } };
}

function keyOf(name: string): string {
  return keyText(/^-?[0-9]+$/.test(name) ? Number(name) : name);
}

function keyPattern({ Name: name }: Property): string {
  const pattern = KEY_PATTERNS[name];
  if (pattern === undefined) throw new Error(`further entries with keys of type ${name} are not translated`);
  return pattern;
}

function literal(type: PropertyType): unknown {
  return typeof type === 'object' && 'Value' in type ? type.Value : undefined;
}

function bound(reference: unknown): unknown {
  return literal(reference as PropertyType);
}
