export { decodeBytes, decodeInput, type DecodeOptions } from './decode.js';
export { describeFinding, type DescribeOptions } from './describe.js';
export { worst, type Finding, type Judgement } from './finding.js';
export { MAX_INPUT_BYTES, readInput, readText, type Input } from './input.js';
export { parseAddress } from './radio.js';
