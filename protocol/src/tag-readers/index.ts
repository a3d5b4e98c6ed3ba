export { LineDecoder } from './line.js';
export { type TagForm, TAG_FORMS, readTagNumber, readTagPrefix } from './number.js';
export { Pn532Session, type Pn532Options } from './pn532.js';
export { encodePn532Frame, PN532, Pn532Deframer, type Pn532Frame } from './pn532-frame.js';
export { readPn532Target } from './pn532-target.js';
export { encodeRdm6300, Rdm6300Decoder } from './rdm6300.js';
export type { TagHandlers } from './handlers.js';
export { TapFilter } from './tap-filter.js';
