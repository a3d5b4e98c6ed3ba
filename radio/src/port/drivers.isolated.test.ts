import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RadioFailure } from '../failure.js';
import { loadDrivers, nativeSocket } from './drivers.js';

/** Where the package looks for its addon before anywhere else. */
const ADDON_FOLDER = '@STOPROCENT/BLUETOOTH_HCI_SOCKET_PREBUILD';

function failureOf(load: () => unknown): RadioFailure {
  try {
    load();
  } catch (error) {
    if (error instanceof RadioFailure) return error;
    throw error;
  }
  return expect.fail('it was loaded');
}

describe('the Bluetooth module', () => {
  let empty: string;

  beforeEach(() => {
    empty = mkdtempSync(join(tmpdir(), 'addon-'));
    process.env[ADDON_FOLDER] = empty;
  });
  afterEach(() => {
    Reflect.deleteProperty(process.env, ADDON_FOLDER);
    rmSync(empty, { recursive: true });
  });

  it('that was not built for this machine is a failure that says how to build it', () => {
    for (const load of [loadDrivers, nativeSocket]) {
      const failure = failureOf(load);
      expect(failure.code).toBe('radio/not-built');
      expect(failure.message).toMatch(/^the Bluetooth module does not load: No native build was found.*$/);
      expect(failure.remedy).toContain('npm run rebuild');
    }
  });

  it('that was built gives a socket', () => {
    Reflect.deleteProperty(process.env, ADDON_FOLDER);
    expect(nativeSocket()).toHaveProperty('bindUser');
  });
});
