export { type Bundle, type BundlePart, type DiagnoseOptions, writeBundle } from './bundle.js';
