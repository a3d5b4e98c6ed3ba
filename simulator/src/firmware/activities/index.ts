export {
  Activities,
  type ActivityResult,
  type Gathered,
  type NewActivity,
  type NotNow,
  type TurnedAway,
} from './activities.js';
export { type ShownActivity, shownActivity } from './shown.js';
export { LEFT_OUT_SECTORS, LeftOutPage } from './left-out-page.js';
