/** A crate on the bench: sixteen bands on real terminals, two of them pulled out in the middle. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BANDCTL_BIN, BANDSIM_BIN, Centre } from '../support/centre.js';
import { Child } from '@timeband/simulator';
import { type Bench, byEvent, figuresOf } from './figure.js';

const BANDS = 16;
const PULLED = 2;
/** A person notices, and puts it back. */
const BACK_AFTER_MS = 500;
/** It is pulled somewhere within what a device takes. */
const PULLED_WITHIN_MS = 400;

export const station: Bench = {
  name: 'station',
  about: `${BANDS} bands provisioned at once at 115200 baud, ${PULLED} of them unplugged in the middle`,
  run: async ({ say }) => {
    const centre = await Centre.create();
    const ports = join(centre.dir, 'bench');
    mkdirSync(ports);
    const bands = new Child(
      'the crate',
      [BANDSIM_BIN, ...`factory --json --kind band --count ${BANDS} --links ${ports}`.split(' ')],
      join(centre.dir, 'crate.log'),
    );
    try {
      await bands.expect(byEvent('all ready'));
      say(`${BANDS} bands are plugged in`);
      const began = performance.now();
      const bench = new Child(
        'the station',
        [
          ...[BANDCTL_BIN, 'station', '--json', '--count', String(BANDS), '--port', `${ports}/*`],
          ...['--issuer-key', centre.issuerKey, '--issuer', centre.issuerCertificate],
          ...['--out', join(centre.dir, 'batch')],
        ],
        join(centre.dir, 'station.log'),
      );
      const pulled = new Set<string>();
      const back = new Set<string>();
      const interrupted = new Set<string>();
      bench.onMessage((message) => {
        const serial = String(message['serial']);
        if (message['state'] === 'interrupted') interrupted.add(serial);
        const number = Number(serial.replace('sn-', ''));
        if (message['state'] !== 'working' || number > PULLED || pulled.has(serial)) return;
        pulled.add(serial);
        void pull(bands, number).then(() => back.add(serial));
      });
      const files = await bench.expect((message) => (message['state'] === 'ended' ? message : undefined));
      const seconds = (performance.now() - began) / 1_000;
      await bench.ended;
      const figure = figuresOf('station');
      return [
        figure('seconds', seconds, 's', { atMost: 20 }),
        figure('provisioned', Number(files['devices']), '', { atLeast: BANDS }),
        figure('pulled_and_finished', back.size, '', { atLeast: PULLED }),
        figure('interrupted', interrupted.size, ''),
      ];
    } finally {
      await bands.end();
      await centre.close();
    }
  },
};

async function pull(bands: Child, number: number): Promise<void> {
  await pause(Math.random() * PULLED_WITHIN_MS);
  bands.tell(`unplug ${number}`);
  await pause(BACK_AFTER_MS);
  bands.tell(`plug ${number}`);
}
