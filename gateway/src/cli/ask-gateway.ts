/** Asks the gateway that runs with a configuration, and says in words why it cannot. */
import { loadConfig, siteFiles } from '../config/index.js';
import { askControl, ControlError, type ControlQuestion } from '../ops/control.js';
import { CommandFailure } from './command-failure.js';
import type { SettingsOptions } from './config-option.js';
import { EXIT } from './exit-codes.js';

/** @throws CommandFailure, ConfigError; ControlError `not-found` is the caller's to explain */
export async function askGateway(
  options: string | SettingsOptions,
  question?: ControlQuestion,
): Promise<unknown> {
  const { config, set } = typeof options === 'string' ? { config: options, set: [] } : options;
  const socket = siteFiles(loadConfig(config, { set }).dataDir).controlSocket;
  try {
    return await askControl(socket, question);
  } catch (error) {
    if (error instanceof ControlError) {
      if (error.reason === 'not-found') throw error;
      throw new CommandFailure(EXIT.failed, `The gateway could not do it: ${error.message}`);
    }
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new CommandFailure(
        EXIT.refused,
        `${socket} belongs to another user: run this as the user the gateway runs as.`,
      );
    }
    throw new CommandFailure(
      EXIT.notFound,
      `No gateway answers at ${socket} (${(error as Error).message}). Start one with: timeband-gateway run --config ${config}`,
    );
  }
}
