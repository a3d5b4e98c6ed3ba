import { type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { FrameBatch } from './publish-frame.js';

const topic = Buffer.from('tb/1/大海阳/gw-1/event/punch');

function parsed(bytes: Buffer): IPublishPacket[] {
  const packets: Packet[] = [];
  const reader = parser();
  reader.on('packet', (packet) => packets.push(packet));
  expect(reader.parse(bytes)).toBe(0);
  return packets.filter((packet) => packet.cmd === 'publish');
}

describe('PUBLISH frames', () => {
  it.each([0, 1, 80, 127, 128, 600, 16_300, 16_383, 16_384, 100_000])(
    'are read back by another implementation with a payload of %d bytes',
    (length) => {
      const batch = new FrameBatch();
      const payload = Buffer.alloc(length, 0xa5);
      batch.add({ topic, qos: 1, payload, id: 0x7abc, dup: true, retain: false });
      batch.add({ topic, qos: 0, payload, id: 0, dup: false, retain: true });
      const [first, second, ...more] = parsed(batch.toBuffer());
      expect(first).toMatchObject({
        qos: 1,
        dup: true,
        retain: false,
        messageId: 0x7abc,
        topic: topic.toString(),
      });
      expect(second).toMatchObject({ qos: 0, dup: false, retain: true, topic: topic.toString() });
      for (const packet of [first, second])
        expect(payload.equals(Buffer.from(packet?.payload ?? ''))).toBe(true);
      expect(more).toEqual([]);
    },
  );
});
