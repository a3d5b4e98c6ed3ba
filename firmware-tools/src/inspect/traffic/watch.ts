/** A link with somebody who looks at everything that passes. */
import type { Link, LinkHandlers } from '@timeband/protocol';
import type { Target } from '../../target/index.js';
import type { Exchange } from './exchange.js';

/** @param now Unix milliseconds */
export function watchLink(link: Link, seen: (exchange: Exchange) => void, now: () => number): Link {
  const where = link.name;
  return {
    name: link.name,
    ...(link.line && { line: link.line }),
    send: (bytes) => {
      seen({ kind: 'packet', bytes, direction: 'to device', at: now(), where });
      link.send(bytes);
    },
    close: () => link.close(),
    start: (handlers: LinkHandlers) => {
      link.start({
        packet: (bytes) => {
          seen({ kind: 'packet', bytes, direction: 'from device', at: now(), where });
          handlers.packet(bytes);
        },
        fault: (error) => {
          const { code, message } = error;
          seen({ kind: 'fault', code, message, direction: 'from device', at: now(), where });
          handlers.fault(error);
        },
        closed: (reason) => {
          seen({
            kind: 'note',
            says: reason === undefined ? 'closed' : `closed: ${reason.message}`,
            at: now(),
            where,
          });
          handlers.closed(reason);
        },
      });
    },
  };
}

/** The same device, looked at whenever it is open. What a target learns of itself later is still asked of it. */
export function watchTarget(target: Target, seen: (exchange: Exchange) => void, now: () => number): Target {
  return {
    transport: target.transport,
    name: target.name,
    get isUntrusted() {
      return target.isUntrusted;
    },
    get rssi() {
      return target.rssi;
    },
    get said() {
      return target.said;
    },
    get device() {
      return target.device;
    },
    open: async () => watchLink(await target.open(), seen, now),
    ...(target.opened && { opened: target.opened.bind(target) }),
  };
}
