export { ForwardDesk, type DeskContext, type PeerReport } from './desk.js';
export { Handover } from './handover.js';
export { type ForwardReport, PeerLink, type PeerLinkOptions, type PeerState } from './peer-link.js';
export { probePeer } from './probe.js';
export { ForwardQueue } from './queue.js';
