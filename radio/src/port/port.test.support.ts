/** What the tests of every kind of port need. */
import { expect } from 'vitest';
import { RadioFailure } from '../failure.js';
import type { HciPort } from './port.js';

/** Why a port cannot be opened. */
export async function failureOf(port: HciPort): Promise<RadioFailure> {
  try {
    await port.open({ packet: () => undefined, failed: () => undefined });
  } catch (error) {
    if (error instanceof RadioFailure) return error;
    throw error;
  } finally {
    await port.close();
  }
  return expect.fail('it was opened');
}
