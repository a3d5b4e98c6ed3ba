export { OwnLog, type OwnLogOptions } from './own-log.js';
