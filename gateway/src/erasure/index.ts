export { erase, ErasureRefusal, type ErasureOptions, planErasure } from './erase.js';
