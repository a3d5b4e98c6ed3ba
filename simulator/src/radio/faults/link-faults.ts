/** Faults of a band's radio and of its connection: what gets lost, ends too early, or is less than usual. */
import { staticAddress } from '../air/address.js';
import { MIN_DATA_OCTETS } from '../air/timing.js';
import type { BandFault } from '../band/behaviour.js';
import { MIN_MTU } from '../gatt/att.js';

const MOST = 0.9;
const MANY = 0.3;
const AWAY_MS = 10_000;

export const LINK_FAULTS = {
  'lost-adverts': {
    description: 'nine of ten adverts are not sent',
    create: ({ random }) => ({ onAdvert: () => (random.next() < MOST ? 'silent' : undefined) }),
  },
  'lost-packets': {
    description: 'three of ten packets are lost, adverts and both directions of a connection alike',
    create: () => ({ lossRate: MANY }),
  },
  'ignored-connect': {
    description: 'it advertises, but never takes a connection',
    create: () => ({ onJoin: () => 'ignore' }),
  },
  'disconnect-at-once': {
    description: 'it disconnects as soon as notifications are on',
    create: ({ band }) => ({ onSubscribed: () => band.disconnect }),
  },
  'disconnect-mid-answer': {
    description: 'it disconnects after the first piece of every answer',
    create: ({ band }) => ({
      onAnswer: (pieces) => {
        for (const piece of pieces.slice(0, 1)) band.notify(piece.subarray(0, 8));
        band.disconnect();
        return [];
      },
    }),
  },
  vanish: {
    description: `it falls silent for ${AWAY_MS / 1_000} s instead of answering, without a word`,
    create: ({ band }) => ({
      onPacket: () => () => {
        band.vanish(AWAY_MS);
      },
    }),
  },
  reboot: {
    description: 'it reboots instead of answering',
    create: ({ band }) => ({ onPacket: () => band.reboot }),
  },
  'mtu-23': {
    description: 'it agrees to an MTU of 23 only',
    create: () => ({ mtu: MIN_MTU }),
  },
  'short-data': {
    description: 'its data PDUs carry 27 octets only',
    create: () => ({ dataOctets: MIN_DATA_OCTETS }),
  },
  'cloned-address': {
    description: "it advertises under another band's address, with that band's advert",
    create: ({ band }) => ({ onAdvert: () => band.neighbour() }),
  },
  'new-address': {
    description: 'it takes a new address for every advert',
    create: ({ random }) => ({
      onAdvert: (advert) => ({ ...advert, address: staticAddress(random.bytes(6)) }),
    }),
  },
} as const satisfies Record<string, BandFault>;
