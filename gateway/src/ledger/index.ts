export { Visits, type Preview, type VisitChange } from './visits.js';
export { type Asked, type Catalogue, catalogueBody, readCatalogue, type Service } from './catalogue.js';
export { CatalogueError, formatCatalogue, parseCatalogue, starterCatalogue } from './catalogue-csv.js';
export { needsReview, type Outcome } from './claim.js';
export { type Policy } from './judge.js';
export { type Balance, Ledger, type Span, type StatementLine } from './ledger.js';
export { DEFAULT_RULES, readRules, type Rules, rulesBody } from './rules.js';
export type { PublishedRecord } from './read-fact.js';
