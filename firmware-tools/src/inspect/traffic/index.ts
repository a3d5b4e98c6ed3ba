export { readCapture } from './capture.js';
export { describeExchange, exchangeJson, type ShowOptions } from './describe.js';
export { CaptureError, type Direction, type Exchange } from './exchange.js';
export { RadioTraffic } from './radio-capture.js';
export { SerialTraffic } from './serial-capture.js';
export { watchLink, watchTarget } from './watch.js';
