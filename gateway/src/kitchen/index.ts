export {
  type AccountMonth,
  Kitchen,
  type KitchenMonth,
  type KitchenOptions,
  type Helper,
  MEAL_DAYS,
  sumOf,
  type Sums,
} from './kitchen.js';
export { type DaySheet, type JudgedMealStep, type MealLine, type MealOutcome, whyNot } from './day-sheet.js';
