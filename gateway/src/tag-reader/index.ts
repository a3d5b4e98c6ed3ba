export {
  nameOf,
  purposeOf,
  TagReaders,
  type TagReaderReport,
  type TagReadersOptions,
} from './tag-readers.js';
