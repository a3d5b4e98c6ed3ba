/** Starts the radio process. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RadioProcess, RadioProcessHandlers } from './radio-service.js';

const PROGRAM = fileURLToPath(new URL('./bin.js', import.meta.url));

/** @param program the process's entry point, when it is not beside this module */
export function forkRadio(handlers: RadioProcessHandlers, program = PROGRAM): RadioProcess {
  // What noble prints goes where the log goes: standard output is for answers.
  const child = fork(program, [], { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  let hasExited = false;
  const exited = (why: string): void => {
    if (hasExited) return;
    hasExited = true;
    handlers.exited(why);
  };
  child.on('message', handlers.message);
  child.once('error', (error) => {
    exited(error.message);
  });
  child.once('exit', (code, signal) => {
    exited(signal ?? `exit code ${code ?? 0}`);
  });
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
