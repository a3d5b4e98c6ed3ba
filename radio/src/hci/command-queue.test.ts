import { ManualTimers } from '@timeband/protocol/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RadioFailure } from '../failure.js';
import { OPCODE, readU16 } from './codes.js';
import { COMMAND_MS, CommandQueue } from './command-queue.js';

const OK = { status: 0, values: new Uint8Array() };

function open() {
  const timers = new ManualTimers();
  const written: number[] = [];
  const failures: RadioFailure[] = [];
  const queue = new CommandQueue({
    timers,
    write: (packet) => written.push(readU16(packet, 1)),
    failed: (failure) => failures.push(failure),
  });
  return { timers, written, failures, queue };
}

describe('the queue of commands', () => {
  it('has never more than one outstanding, whatever credits the controller gives, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 30 }), (credits) => {
        const { queue, written } = open();
        const opcodes = credits.map((_, i) => 0x2000 + i);
        for (const opcode of opcodes) void queue.send(opcode);
        for (const [i, credit] of credits.entries()) {
          expect(written).toEqual(opcodes.slice(0, i + 1));
          expect(queue.answered(opcodes[i] ?? 0, credit, OK)).toBe('ours');
        }
      }),
    );
  });

  it('waits where the controller gives no credit, until it says otherwise', () => {
    const { queue, written } = open();
    void queue.send(OPCODE.readAddress);
    void queue.send(OPCODE.leReadFeatures);
    queue.answered(OPCODE.readAddress, 0, OK);
    expect(written).toHaveLength(1);
    expect(queue.answered(0, 1, OK)).toBe('nobody');
    expect(written).toHaveLength(2);
  });

  it('tells noble’s answers from ours', () => {
    const { queue } = open();
    queue.forward(Uint8Array.of(1, 0x03, 0x0c, 0));
    expect(queue.answered(OPCODE.reset, 1, OK)).toBe('noble');
    expect(queue.answered(OPCODE.reset, 1, OK)).toBe('nobody');
  });

  it('says that the controller is silent when it does not answer in time', () => {
    const { queue, timers, failures } = open();
    void queue.send(OPCODE.readAddress);
    timers.advance(COMMAND_MS);
    expect(failures.map(({ code }) => code)).toEqual(['radio/silent']);
  });

  it('does not grow without bound', () => {
    const { queue, failures } = open();
    for (let i = 0; i < 300; i++) void queue.send(OPCODE.readAddress).catch(() => undefined);
    expect(failures[0]?.code).toBe('radio/silent');
  });

  it('fails what waits when it is closed', async () => {
    const { queue, timers } = open();
    const failed = expect(queue.send(OPCODE.readAddress)).rejects.toMatchObject({ code: 'radio/unplugged' });
    queue.close(new RadioFailure('radio/unplugged', 'gone'));
    await failed;
    expect(timers.pending).toBe(0);
  });
});
