export { type CourseKind, type CourseStore, placeOf, type SourceStep, stepsOf } from './courses.js';
export { raiseId, Raiser, type Raise, type RaiseSource } from './raiser.js';
export type { Matter, StepOutcome } from './matter.js';
export { type MatterFigures, Matters, type NamedMatter } from './matters.js';
