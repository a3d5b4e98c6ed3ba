/**
 * AsyncAPI's own parser over a document on standard input; prints its errors and warnings, a line each. A process of
 * its own, because the parser's dependencies do not load under the export conditions that the tests run with.
 */
import { stdin, stdout } from 'node:process';
import { text } from 'node:stream/consumers';
import { Parser } from '@asyncapi/parser';

const WARNING = 1;
const { diagnostics } = await new Parser().parse(await text(stdin));
for (const { severity, code, message, path } of diagnostics) {
  if (severity <= WARNING) stdout.write(`${code} at ${path.join('.')}: ${message}\n`);
}
