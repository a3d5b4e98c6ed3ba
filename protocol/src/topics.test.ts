import { describe, expect, it } from 'vitest';
import { isId } from './ids.js';
import { gatewayTopics } from './topics.js';

describe('topics', () => {
  it('are all under the site and the gateway', () => {
    const topics = gatewayTopics('dahaiyang', 'gw-1');
    expect([topics.event('punch'), topics.json('punch'), topics.events, topics.jsons]).toEqual([
      'tb/1/dahaiyang/gw-1/event/punch',
      'tb/1/dahaiyang/gw-1/json/punch',
      'tb/1/dahaiyang/gw-1/event/+',
      'tb/1/dahaiyang/gw-1/json/+',
    ]);
    expect([topics.status, topics.health, topics.certificate]).toEqual([
      'tb/1/dahaiyang/gw-1/status',
      'tb/1/dahaiyang/gw-1/health',
      'tb/1/dahaiyang/gw-1/certificate',
    ]);
  });
});

describe('an id', () => {
  it.each(['a', 'reader-1', 'tag-04a1b2c3', '0', 'a'.repeat(40)])('may be %s', (id) => {
    expect(isId(id)).toBe(true);
  });

  it.each(['', 'A', 'a_b', 'a/b', 'a+', '#', '-a', 'a-', 'a--b', 'a b', 'é', 'a\n', 'a'.repeat(41)])(
    'may not be %j',
    (id) => {
      expect(isId(id)).toBe(false);
    },
  );
});
