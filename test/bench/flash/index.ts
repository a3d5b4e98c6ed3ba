/** How fast an image gets onto a device: what share of a slow line it uses, and what several requests at once gain on a far one. */
import { performance } from 'node:perf_hooks';
import { framedLength, type Link, PrivateKey, SmpClient, uploadImage } from '@timeband/protocol';
import { openSerialLink } from '@timeband/protocol/serial';
import { createSimulatedReader, memoryLink, SerialReader } from '@timeband/simulator';
import type { Bench, BenchOptions, Figure } from '../figure.js';
import { figuresOf } from '../figure.js';
import { imageFile } from '../../support/firmware.js';

const figure = figuresOf('flash');
const BAUD = 115_200;
/** Start bit, eight data bits, stop bit. */
const BYTES_PER_SECOND = BAUD / 10;
/** What a small device has, and one with room. */
const SMALL = { bufferBytes: 384, bufferCount: 4 };
const ROOMY = { bufferBytes: 1_024, bufferCount: 8 };
/** Length and CRC, which serial servers take out of the same buffer. */
const FRAME_BYTES = 4;
const LATENCY_MS = 40;

export const flash: Bench = {
  name: 'flash',
  about: 'sending a firmware image: over 115200 baud, and with 40 ms of latency',
  run: async (options) => [...(await overSlowLine(options)), ...(await overFarLink(options))],
};

/** Real pseudo-terminal, real serialport. */
async function overSlowLine({ say, scale }: BenchOptions): Promise<readonly Figure[]> {
  const device = deviceWith(SMALL);
  const port = new SerialReader(device, { baud: BAUD });
  try {
    const client = new SmpClient(await openSerialLink({ path: port.path ?? '' }), { window: 32 });
    const packetBytes = SMALL.bufferBytes - FRAME_BYTES;
    const rate = await rateOf(client, imageFile({ bytes: Math.round(100_000 * scale) }), {
      packetBytes,
      window: SMALL.bufferCount - 1,
    });
    await client.close();
    // Everything that the framing carries, SMP's own header and the names of the fields included.
    const allowed = (packetBytes / framedLength(packetBytes)) * BYTES_PER_SECOND;
    say(`${Math.round(rate)} of ${Math.round(allowed)} bytes a second`);
    return [
      figure('share_of_link', rate / allowed, '', { atLeast: 0.9 }),
      figure('bytes_per_second', rate, 'B/s'),
    ];
  } finally {
    port.unplug();
  }
}

async function overFarLink({ scale }: BenchOptions): Promise<readonly Figure[]> {
  const file = imageFile({ bytes: Math.round(100_000 * scale) });
  const rateWith = async (window: number): Promise<number> => {
    const client = new SmpClient(delayed(memoryLink(deviceWith(ROOMY)), LATENCY_MS / 2), { window: 32 });
    const rate = await rateOf(client, file, { packetBytes: ROOMY.bufferBytes - FRAME_BYTES, window });
    await client.close();
    return rate;
  };
  const [several, one] = [await rateWith(ROOMY.bufferCount - 1), await rateWith(1)];
  return [figure('times_stop_and_wait', several / one, '', { atLeast: 3 })];
}

/** Bytes a second, from the device's first word to its last. */
async function rateOf(
  client: SmpClient,
  file: Uint8Array,
  options: { readonly packetBytes: number; readonly window: number },
): Promise<number> {
  const marks: { readonly at: number; readonly offset: number }[] = [];
  await uploadImage(client, file, {
    ...options,
    progress: (offset) => marks.push({ at: performance.now(), offset }),
  });
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was sent');
  return ((last.offset - first.offset) * 1_000) / (last.at - first.at);
}

function deviceWith(settings: { readonly bufferBytes: number; readonly bufferCount: number }) {
  return createSimulatedReader({ site: 'dahaiyang', issuerKey: PrivateKey.generate(), settings, boot: {} });
}

/** A link on which everything takes so long, in each direction. */
function delayed(link: Link, ms: number): Link {
  return {
    name: link.name,
    close: link.close,
    start: (handlers) => {
      link.start({
        ...handlers,
        packet: (packet) =>
          setTimeout(() => {
            handlers.packet(packet);
          }, ms),
      });
    },
    send: (packet) =>
      void setTimeout(() => {
        link.send(packet);
      }, ms),
  };
}
