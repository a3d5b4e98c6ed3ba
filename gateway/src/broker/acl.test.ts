import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Role, ROLES } from './access.js';
import { createAcl, type Login, isGrantable } from './acl.js';
import { covers, intersects } from './topic-filter.js';

const acl = createAcl('dahaiyang', 'gw-1');
const ROOT = 'tb/1/dahaiyang/gw-1';
const as = (role: Role): Login => ({ account: 'me', role });
const every = ROLES.map(as);

/** What each role may do: r receives and subscribes, w publishes, W publishes retained too. */
const MATRIX: Readonly<Record<string, Readonly<Record<Role, string>>>> = {
  'event/punch': { subscriber: 'r', console: 'r', operator: 'r', technician: '', uplink: 'r', peer: '' },
  'json/punch': { subscriber: 'r', console: 'r', operator: 'r', technician: '', uplink: 'r', peer: '' },
  'event/mediate': { subscriber: '', console: 'r', operator: 'r', technician: '', uplink: 'r', peer: '' },
  'json/mediate': { subscriber: '', console: 'r', operator: 'r', technician: '', uplink: 'r', peer: '' },
  status: { subscriber: 'r', console: 'r', operator: 'r', technician: 'r', uplink: 'r', peer: 'r' },
  health: { subscriber: 'r', console: 'r', operator: 'r', technician: 'r', uplink: 'r', peer: '' },
  certificate: { subscriber: 'r', console: 'r', operator: 'r', technician: 'r', uplink: 'r', peer: 'r' },
  head: { subscriber: 'r', console: 'r', operator: 'r', technician: 'r', uplink: 'r', peer: 'r' },
  help: { subscriber: 'r', console: 'r', operator: 'r', technician: '', uplink: 'r', peer: '' },
  'policy/caps': { subscriber: '', console: '', operator: '', technician: '', uplink: 'rW', peer: 'r' },
  'peer/me/forward': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: 'w' },
  'peer/other/forward': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'peer/me/answer': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: 'r' },
  'peer/other/answer': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'request/me/1': { subscriber: '', console: 'w', operator: 'w', technician: 'w', uplink: '', peer: '' },
  'request/other/1': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'response/me/1': { subscriber: '', console: 'r', operator: 'r', technician: 'r', uplink: '', peer: '' },
  'response/other/1': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  request: { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'request/me': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'request/me/1/2': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'request/me/A': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'event/a/b': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  'event/Punch': { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
  unheard: { subscriber: '', console: '', operator: '', technician: '', uplink: '', peer: '' },
};

describe('the ACL', () => {
  for (const [topic, roles] of Object.entries(MATRIX)) {
    it.each(Object.entries(roles) as [Role, string][])(`on ${topic} gives %s "%s"`, (role, expected) => {
      const login = as(role);
      const full = `${ROOT}/${topic}`;
      expect(acl.maySubscribe(login, full)).toBe(expected.includes('r'));
      expect(acl.mayReceive(login, full)).toBe(expected.includes('r'));
      expect(acl.mayPublish(login, full, false)).toBe(/w/i.test(expected));
      expect(acl.mayPublish(login, full, true)).toBe(expected.includes('W'));
    });
  }

  it.each(['#', '+', 'status/#'])('lets every role subscribe to %s of this gateway', (filter) => {
    for (const login of every) expect(acl.maySubscribe(login, `${ROOT}/${filter}`)).toBe(true);
  });

  it('grants a wildcard to those only who could receive something by it', () => {
    const granted = (filter: string) =>
      ROLES.filter((role) => acl.maySubscribe(as(role), `${ROOT}/${filter}`));
    expect(granted('event/#')).toEqual(['subscriber', 'console', 'operator', 'uplink']);
    expect(granted('json/+')).toEqual(['subscriber', 'console', 'operator', 'uplink']);
    expect(granted('response/me/#')).toEqual(['console', 'operator', 'technician']);
    expect(granted('response/+/+')).toEqual(['console', 'operator', 'technician']);
    expect(granted('response/other/#')).toEqual([]);
    expect(granted('policy/#')).toEqual(['uplink', 'peer']);
  });

  it.each([
    '#',
    '+/#',
    'tb/#',
    'tb/1/#',
    'tb/1/+/gw-1/event/punch',
    'tb/1/dahaiyang/#',
    'tb/1/dahaiyang/gw-2/event/punch',
    'tb/1/dahaiyang/gw-10/#',
    '$SYS/#',
    '$share/group/tb/1/dahaiyang/gw-1/event/#',
    ROOT,
    `${ROOT}/request/#`,
    `${ROOT}/event`,
    `${ROOT}/event/`,
    `${ROOT}/event/punch/more`,
    `${ROOT}/event/+/+`,
    'sensors/1',
    'sensors/#',
    '',
  ])('lets nobody subscribe to "%s"', (filter) => {
    for (const login of every) expect(acl.maySubscribe(login, filter)).toBe(false);
  });

  it.each(['$SYS/x/new/clients', 'tb/1/dahaiyang/gw-2/event/punch', 'sensors/1', 'tb', ''])(
    'gives nobody anything on "%s"',
    (topic) => {
      for (const login of every) {
        expect(acl.mayReceive(login, topic)).toBe(false);
        expect(acl.mayPublish(login, topic, false)).toBe(false);
      }
    },
  );
});

describe('what an account is granted beyond its role', () => {
  const login: Login = { ...as('operator'), publish: ['lamps/+/set'], subscribe: ['lamps/#'] };

  it('lets it publish, retained too, and subscribe there and nowhere else', () => {
    expect(acl.mayPublish(login, 'lamps/1/set', true)).toBe(true);
    expect(acl.mayPublish(login, 'lamps/1/get', false)).toBe(false);
    expect(acl.mayReceive(login, 'lamps/1/get')).toBe(true);
    expect(acl.maySubscribe(login, 'lamps/+/get')).toBe(true);
    expect(acl.maySubscribe(login, '+/1')).toBe(false);
    expect(acl.maySubscribe(login, 'doors/1')).toBe(false);
  });

  it('opens nothing under "tb/" or "$", even if such a grant came past the accounts file', () => {
    const greedy: Login = {
      ...as('subscriber'),
      publish: ['#', 'tb/#', '$SYS/#'],
      subscribe: ['#', '$SYS/#'],
    };
    for (const topic of [`${ROOT}/event/mediate`, `${ROOT}/request/me/1`, 'tb/2/x', '$SYS/x']) {
      expect(acl.mayPublish(greedy, topic, false)).toBe(false);
      expect(acl.mayReceive(greedy, topic)).toBe(false);
      expect(acl.maySubscribe(greedy, topic)).toBe(false);
    }
    expect(acl.maySubscribe(greedy, 'tb/#')).toBe(false);
  });

  it('with a wildcard in front means all topics but those of gateways and of the broker', () => {
    const all: Login = { ...as('technician'), subscribe: ['#'], publish: ['+/state'] };
    expect([isGrantable('#'), isGrantable('+/state'), isGrantable('tb/#'), isGrantable('$SYS/#')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([acl.maySubscribe(all, '#'), acl.maySubscribe(all, 'a/+')]).toEqual([true, true]);
    expect([acl.mayReceive(all, 'a/b'), acl.mayReceive(all, `${ROOT}/event/punch`)]).toEqual([true, false]);
    expect([acl.mayPublish(all, 'lamp/state', false), acl.mayPublish(all, 'tb/state', false)]).toEqual([
      true,
      false,
    ]);
  });
});

describe('a filter that covers another', () => {
  const level = fc.constantFrom('a', 'b', '+');
  const filters = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'));
  const topics = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 })
    .map((levels) => levels.join('/'));

  it('matches every topic that the other matches', () => {
    fc.assert(
      fc.property(filters, filters, topics, (wide, narrow, topic) => {
        if (covers(wide, narrow) && intersects(narrow, topic)) expect(intersects(wide, topic)).toBe(true);
      }),
    );
  });

  it.each([
    ['a/#', 'a/#', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/+', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/#', false],
    ['a/b', 'a/+', false],
    ['a', 'a/#', false],
    ['a/b', 'a', false],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });
});

describe('an account that acts for an organisation', () => {
  it('asks and is answered, and is told nothing of what residents do', () => {
    const own = { ...as('operator'), organisation: 'branch-3' };
    const open = ['status', 'health', 'certificate', 'head', 'response/me/1'];
    for (const topic of Object.keys(MATRIX)) {
      expect(acl.mayReceive(own, `${ROOT}/${topic}`), topic).toBe(open.includes(topic));
      expect(acl.maySubscribe(own, `${ROOT}/${topic}`), topic).toBe(open.includes(topic));
      expect(acl.mayPublish(own, `${ROOT}/${topic}`, false), topic).toBe(topic === 'request/me/1');
    }
    for (const filter of ['event/#', 'json/+', 'help'])
      expect(acl.maySubscribe(own, `${ROOT}/${filter}`)).toBe(false);
    expect(acl.maySubscribe(own, `${ROOT}/#`)).toBe(true);
  });
});
