export { nameOf, TagReaders, type TagReaderReport, type TagReadersOptions } from './tag-readers.js';
