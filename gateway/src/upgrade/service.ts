/** Starts and stops the gateway's service: systemd's unit, or a program that does it where there is no systemd. */
import { spawnSync } from 'node:child_process';

export interface ServiceControl {
  readonly isRunning: () => boolean;
  /** @returns whether it came up; of systemd's unit: whether it said that it is ready */
  readonly start: () => boolean;
  /** Returns when no process of it is left. @returns whether that is so */
  readonly stop: () => boolean;
}

const UNIT = 'timeband-gateway.service';

/** @param program called with `start`, `stop` or `status`, exit code 0 for success; systemctl unless given */
export function serviceControl(program: string | undefined): ServiceControl {
  const run = (verb: 'start' | 'stop' | 'status'): boolean => {
    const [command, words] = program === undefined ? ['systemctl', systemctl(verb)] : [program, [verb]];
    return spawnSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  return {
    isRunning: () => run('status'),
    start: () => run('start'),
    stop: () => run('stop'),
  };
}

function systemctl(verb: 'start' | 'stop' | 'status'): readonly string[] {
  return verb === 'status' ? ['is-active', '--quiet', UNIT] : [verb, UNIT];
}
