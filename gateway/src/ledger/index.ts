export { Visits, type Preview, type VisitChange } from './visits.js';
