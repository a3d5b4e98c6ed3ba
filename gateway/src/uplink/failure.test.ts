import { describe, expect, it } from 'vitest';
import { failureOf, UplinkFailure } from './failure.js';

const withCode = (code: unknown, message = 'what the library said'): Error =>
  Object.assign(new Error(message), { code });

describe('why there is no connection', () => {
  it.each([
    ['ENOTFOUND', 'uplink/dns'],
    ['EAI_AGAIN', 'uplink/dns'],
    ['ECONNREFUSED', 'uplink/unreachable'],
    ['EHOSTUNREACH', 'uplink/unreachable'],
    ['ETIMEDOUT', 'uplink/unreachable'],
    ['EPIPE', 'uplink/unreachable'],
    ['CERT_HAS_EXPIRED', 'uplink/tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'uplink/tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'uplink/tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'uplink/tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'uplink/tls'],
    ['EPROTO', 'uplink/tls'],
    [1, 'uplink/rejected'],
    [2, 'uplink/rejected'],
    [3, 'uplink/unavailable'],
    [4, 'uplink/login'],
    [5, 'uplink/login'],
    ['something new', 'uplink/unreachable'],
    [undefined, 'uplink/unreachable'],
  ])('%s is %s', (code, expected) => {
    const failure = failureOf(withCode(code));
    expect(failure).toMatchObject({ code: expected, message: 'what the library said' });
    expect(failure.remedy).not.toBe('');
  });

  it('waits for what mends itself, and calls somebody for what does not', () => {
    expect(failureOf(withCode('ECONNREFUSED')).state).toBe('waiting');
    expect(failureOf(withCode(5)).state).toBe('refused');
    expect(new UplinkFailure('uplink/fork', 'two heads').state).toBe('blocked');
  });

  it('is not told anew where it is known', () => {
    const failure = new UplinkFailure('uplink/fork', 'two heads');
    expect(failureOf(failure)).toBe(failure);
  });

  it('has words also for an error without any', () => {
    expect(failureOf(withCode('ECONNRESET', '')).message).toBe('ECONNRESET');
  });
});
