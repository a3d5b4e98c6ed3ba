/**
 * The air of the radio benchmarks in a process of its own, so that it neither counts as the gateway's work nor holds it up.
 * Argument: AirSettings as JSON. Ends when it is told to, and when nobody is left to tell it.
 */
import { createInterface } from 'node:readline';
import { AIR_COMMANDS, type AirSettings } from './conversation.js';
import { CrowdedAir } from './crowded-air.js';

const settings = JSON.parse(process.argv[2] ?? '{}') as AirSettings;
const air = new CrowdedAir(settings, (message) => {
  console.log(JSON.stringify(message));
});

function end(): void {
  air.close();
  process.exit(0);
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, number] = line.split(' ');
    const command = AIR_COMMANDS.find((each) => each === word);
    if (command === undefined) throw new RangeError(`there is no command ${String(word)}`);
    air.perform(command, number === undefined ? undefined : Number(number));
  })
  .on('close', end);
process.once('SIGTERM', end);
