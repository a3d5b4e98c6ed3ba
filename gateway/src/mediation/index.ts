export { Cases, caseCourses, type CaseFigures, type MediationCase } from './cases.js';
