export { prepareSettings } from './migrate.js';
export { type Service, startService } from './service.js';
