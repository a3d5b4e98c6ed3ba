/** The published OpenAPI document: made from the questions that a gateway answers, and sound by the judgement of OpenAPI's own schema. */
import { fileURLToPath } from 'node:url';
import { openapi, QUESTIONS } from '@timeband/gateway';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

describe('the HTTP contract', () => {
  it('is published as the gateway serves it', async () => {
    const path = fileURLToPath(new URL('../../gateway/openapi.yaml', import.meta.url));
    const head = '# Made from gateway/src/api by `npm run generated`.\n';
    const text = stringify(openapi(), { lineWidth: 110, aliasDuplicateObjects: false });
    await expect(`${head}${text}`).toMatchFileSnapshot(path);
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    expect(await new Validator().validate(structuredClone(openapi()))).toMatchObject({ valid: true });
    const wrong = { ...openapi(), paths: { accounts: {} } };
    expect(await new Validator().validate(structuredClone(wrong))).toMatchObject({ valid: false });
  });

  it('names only schemas that it has, and each operation once', () => {
    const document = openapi() as {
      readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
    };
    const named = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? [];
    const missing = named
      .map((ref) => ref.split('/').at(-1) ?? '')
      .filter((name) => !(name in document.components.schemas));
    expect(missing).toEqual([]);
    expect(new Set(QUESTIONS.map(({ name }) => name)).size).toBe(QUESTIONS.length);
  });
});
