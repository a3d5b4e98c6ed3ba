export { WEDGE_FORMS, type WedgeForm } from './speech.js';
export { TAG_READER_FAULTS, type TagReaderFault } from './faults.js';
export {
  SimulatedTagReader,
  TAG_READER_KINDS,
  type TagReaderKind,
  type TagReaderOptions,
} from './tag-reader.js';
