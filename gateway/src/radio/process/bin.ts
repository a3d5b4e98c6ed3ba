/** The radio process: started by the gateway, ended with it, and of no use by itself. */
import { systemTimers } from '@timeband/protocol';
import { makePort, SnoopFile } from '@timeband/radio';
import { toRadio } from './messages.js';
import { RadioHost } from './radio-host.js';

if (process.send === undefined) {
  console.error(
    'This is the radio process of timeband-gateway, which starts it when its configuration has a radio.',
  );
  process.exit(2);
}

const host = new RadioHost({
  timers: systemTimers,
  openPort: makePort,
  openMonitor: (file) => {
    const snoop = new SnoopFile(file);
    return (packet, isToHost) => {
      snoop.write(packet, isToHost, Date.now());
    };
  },
  send: (message) => {
    // Whoever does not hear this has ended, which `disconnect` tells.
    process.send?.(message, undefined, undefined, () => undefined);
  },
  stopped: () => {
    process.exit(0);
  },
});

// The gateway may have ended while this was loading: then nobody is told of it any more.
if (!process.connected) process.exit(0);
process.on('message', (message) => {
  host.receive(toRadio.parse(message));
});
process.once('disconnect', () => {
  process.exit(0);
});
// Who is told to stop is the gateway; it tells us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
