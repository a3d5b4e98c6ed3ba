/** Checks CBOR against timeband.cddl with parser, decoder and validator that are not ours. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Assignment, parse } from 'cddl';
import { project, type Projection } from './project.js';
import { schemaOf } from './schema.js';

export class CddlValidator {
  /** Names of all rules. */
  readonly rules: ReadonlySet<string>;
  private readonly ajv = new Ajv({ strictTuples: false });
  private readonly compiled = new Map<string, ValidateFunction>();

  private constructor(assignments: readonly Assignment[]) {
    this.rules = new Set(assignments.map(({ Name: name }) => name));
    this.ajv.addSchema(schemaOf(assignments), 'cddl');
  }

  static ofText(cddl: string): CddlValidator {
    return new CddlValidator(parseCddl(cddl));
  }

  /** Why the bytes are not of the rule, or nothing when they are. @throws Error for a rule that is not there */
  mismatch(rule: string, bytes: Uint8Array): string | undefined {
    let projection;
    try {
      projection = project(bytes);
    } catch (error) {
      return `not deterministic CBOR: ${String(error)}`;
    }
    return this.mismatchOf(rule, projection);
  }

  /** The same for an item that is projected already. */
  mismatchOf(rule: string, projection: Projection): string | undefined {
    const validate = this.validatorOf(rule);
    return validate(projection) ? undefined : this.ajv.errorsText(validate.errors, { dataVar: rule });
  }

  private validatorOf(rule: string): ValidateFunction {
    if (!this.rules.has(rule)) throw new Error(`timeband.cddl has no rule ${rule}`);
    const known = this.compiled.get(rule);
    const validate = known ?? this.ajv.compile({ $ref: `cddl#/definitions/${rule}` });
    this.compiled.set(rule, validate);
    return validate;
  }
}

/**
 * The parser is made for text keys and leaves two things of RFC 8610 out, so both are handed to it in other words:
 * a number as a key (`1: type`) in quotes, and the control `.cbor` as `.and`, which therefore must not occur.
 */
function parseCddl(cddl: string): readonly Assignment[] {
  if (cddl.includes('.and')) throw new Error('.and stands for .cbor here and cannot be used itself');
  const adapted = cddl
    .replaceAll(
      /(^|[{(,?])(\s*)(-?\d+):/gm,
      (_, before: string, space: string, key: string) => `${before}${space}"${key}":`,
    )
    .replaceAll(' .cbor ', ' .and ');
  const directory = mkdtempSync(join(tmpdir(), 'timeband-cddl-'));
  try {
    const path = join(directory, 'timeband.cddl');
    writeFileSync(path, adapted);
    return parse(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
