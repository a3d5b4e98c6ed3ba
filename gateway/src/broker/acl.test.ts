import { describe, expect, it } from 'vitest';
import { createAcl, ROLES } from './acl.js';

const acl = createAcl('dahaiyang', 'gw-1');
const ROOT = 'tb/1/dahaiyang/gw-1';

describe('the ACL', () => {
  it.each([
    '#',
    'event/#',
    'event/+',
    'event/punch',
    'json/#',
    'json/punch',
    'status',
    'health',
    'certificate',
    'head',
    '+',
  ])('lets every role subscribe to %s of this gateway', (filter) => {
    for (const role of ROLES) expect(acl.maySubscribe(role, `${ROOT}/${filter}`)).toBe(true);
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
    `${ROOT}/event/Punch`,
    `${ROOT}/event/punch/more`,
    `${ROOT}/event/+/+`,
    '',
  ])('lets nobody subscribe to "%s"', (filter) => {
    for (const role of ROLES) expect(acl.maySubscribe(role, filter)).toBe(false);
  });

  it('keeps mediation for the console, operators and the uplink', () => {
    const allowed = ROLES.filter((role) => acl.mayReceive(role, `${ROOT}/event/mediate`));
    expect(allowed).toEqual(['console', 'operator', 'uplink']);
    expect(ROLES.filter((role) => acl.mayReceive(role, `${ROOT}/json/mediate`))).toEqual(allowed);
    expect(ROLES.filter((role) => acl.maySubscribe(role, `${ROOT}/event/mediate`))).toEqual(allowed);
  });

  it('delivers nothing but the topics it knows', () => {
    expect(acl.mayReceive('console', `${ROOT}/response/x/1`)).toBe(false);
    expect(acl.mayReceive('console', `${ROOT}/event/a/b`)).toBe(false);
    expect(acl.mayReceive('console', '$SYS/x/new/clients')).toBe(false);
    expect(acl.mayReceive('subscriber', `${ROOT}/event/punch`)).toBe(true);
  });

  it('lets nobody publish', () => {
    for (const role of ROLES) expect(acl.mayPublish(role, `${ROOT}/event/punch`)).toBe(false);
  });
});
