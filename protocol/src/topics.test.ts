import { describe, expect, it } from 'vitest';
import { isId } from './ids.js';
import { gatewayTopics, TOPICS, topicOf } from './topics.js';

describe('topics', () => {
  const topics = gatewayTopics('dahaiyang', 'gw-1');

  it('are all under the site and the gateway', () => {
    const filled = { type: 'punch', client: 'console-1', id: 'tx-7' };
    const all = Object.keys(TOPICS).map((name) =>
      topicOf('dahaiyang', 'gw-1', name as keyof typeof TOPICS, filled),
    );
    expect(all).toEqual([
      'tb/1/dahaiyang/gw-1/event/punch',
      'tb/1/dahaiyang/gw-1/json/punch',
      'tb/1/dahaiyang/gw-1/status',
      'tb/1/dahaiyang/gw-1/health',
      'tb/1/dahaiyang/gw-1/certificate',
      'tb/1/dahaiyang/gw-1/head',
      'tb/1/dahaiyang/gw-1/help',
      'tb/1/dahaiyang/gw-1/policy/punch',
      'tb/1/dahaiyang/gw-1/peer/console-1/forward',
      'tb/1/dahaiyang/gw-1/peer/console-1/answer',
      'tb/1/dahaiyang/gw-1/request/console-1/tx-7',
      'tb/1/dahaiyang/gw-1/response/console-1/tx-7',
    ]);
  });

  it('of a gateway are those of the table', () => {
    expect([topics.event('punch'), topics.json('punch'), topics.events, topics.jsons]).toEqual([
      'tb/1/dahaiyang/gw-1/event/punch',
      'tb/1/dahaiyang/gw-1/json/punch',
      'tb/1/dahaiyang/gw-1/event/+',
      'tb/1/dahaiyang/gw-1/json/+',
    ]);
    expect([topics.status, topics.health, topics.certificate, topics.head]).toEqual(
      ['status', 'health', 'certificate', 'head'].map((name) => `tb/1/dahaiyang/gw-1/${name}`),
    );
    expect([topics.forward('gw-2'), topics.forwardAnswer('gw-2')]).toEqual([
      'tb/1/dahaiyang/gw-1/peer/gw-2/forward',
      'tb/1/dahaiyang/gw-1/peer/gw-2/answer',
    ]);
    expect([topics.policy('revocations'), topics.request('a', 'b'), topics.response('a', 'b')]).toEqual([
      'tb/1/dahaiyang/gw-1/policy/revocations',
      'tb/1/dahaiyang/gw-1/request/a/b',
      'tb/1/dahaiyang/gw-1/response/a/b',
    ]);
  });

  it('keep what happened out of retained messages: a late subscriber must not take it for new', () => {
    const happenings = [TOPICS.event, TOPICS.json, TOPICS.request, TOPICS.response];
    expect(happenings.map(({ retained }) => retained)).toEqual([false, false, false, false]);
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
