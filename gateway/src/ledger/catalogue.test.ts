import { decodeStrict, encode, type CborMap } from '@timeband/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASKED, type Asked, catalogueBody, readCatalogue, type Service } from './catalogue.js';
import { CatalogueError, formatCatalogue, parseCatalogue, starterCatalogue } from './catalogue-csv.js';

const text = fc.string({ minLength: 1, maxLength: 20 }).filter((s) => s.trim() === s && !s.includes('\r'));
const names = fc.record({ zh: text, en: text });
const service: fc.Arbitrary<Service> = fc.record({
  ...{
    code: fc.integer({ min: 1, max: 65_535 }),
    group: fc.constant(1),
    groupName: fc.constant({ zh: '组', en: 'Group' }),
  },
  ...{ name: names, minutes: fc.integer({ min: 1, max: 1_440 }) },
  ...{
    asks: fc.constantFrom(...(Object.keys(ASKED) as Asked[])),
    redeemable: fc.boolean(),
    qualified: fc.boolean(),
  },
});
const services = fc.uniqueArray(service, { selector: ({ code }) => code, minLength: 1, maxLength: 20 });
const byCode = (a: Service, b: Service): number => a.code - b.code;

describe('a catalogue', () => {
  it('comes with 67 services, of which more than 50 can be redeemed', () => {
    const starter = starterCatalogue();
    expect(starter).toHaveLength(67);
    expect(starter.filter(({ redeemable }) => redeemable).length).toBeGreaterThan(50);
  });

  it('is the same after it was a table', () => {
    fc.assert(
      fc.property(services, (all) => {
        expect(parseCatalogue(formatCatalogue(all))).toEqual(all);
      }),
    );
  });

  it('is the same after it was a policy document', () => {
    fc.assert(
      fc.property(services, (all) => {
        const body = decodeStrict(encode(catalogueBody(all))) as CborMap;
        expect([...readCatalogue(4, body).services.values()]).toEqual([...all].sort(byCode));
      }),
    );
  });

  it.each([
    ['no table', 'a"b', /comma/],
    ['a column missing', 'code,group\n1,1', /lacks group_zh/],
    [
      'a price that is none',
      formatCatalogue(starterCatalogue()).replace(',45,', ',many,'),
      /line 2, minutes/,
    ],
    [
      'one number twice',
      formatCatalogue([...starterCatalogue(), ...starterCatalogue()]),
      /line 69: there are two services 101/,
    ],
  ])('is refused for %s, and says where', (_, csv, where) => {
    expect(() => parseCatalogue(csv)).toThrow(CatalogueError);
    expect(() => parseCatalogue(csv)).toThrow(where);
  });
});
