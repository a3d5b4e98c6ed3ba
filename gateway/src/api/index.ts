export type { Answers } from './answers.js';
export { type AskAnswer } from './control.js';
export { momentOf, shownMoment } from './moment.js';
export { openapi } from './openapi.js';
export { ApiProblem, type Problem } from './problem.js';
export { type Question } from './question.js';
export { QUESTIONS } from './questions/index.js';
export { type Api, startApi } from './start.js';
export { type Submission, type Submitted, submission, Submissions } from './submit.js';
