/** A report as a page to put beside a product: one HTML file that needs nothing else. */
import { AREAS, type Area } from '../check.js';
import type { CheckResult, ConformReport } from '../run.js';
import { escapeMarkup as text } from './markup.js';

const MARK = { passed: '✓', failed: '✗', skipped: '–' } as const;

const STYLE = `
:root { color-scheme: light; --ink: #1c2330; --soft: #5b6472; --line: #d9dee6; --good: #16704a; --bad: #b3261e; }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem }
h1 { font-size: 1.6rem; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 1.8rem 0 .4rem }
.verdict { border: 2px solid; border-radius: .5rem; padding: .7rem 1rem; margin: 1.2rem 0; font-size: 1.15rem; font-weight: 600 }
.verdict small { display: block; font-weight: 400; font-size: .9rem; color: var(--soft) }
.good { color: var(--good) } .bad { color: var(--bad) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0 } dt { color: var(--soft) } dd { margin: 0 }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .3rem .5rem .3rem 0; vertical-align: top }
td:first-child { width: 1.4rem; font-weight: 700 } td:last-child { color: var(--soft); white-space: nowrap; text-align: right }
.passed td:first-child { color: var(--good) } .failed td:first-child { color: var(--bad) } .skipped { color: var(--soft) }
.why { font-size: .88rem; color: var(--soft) } .failed .why { color: var(--bad) } code { font-size: .85em }
footer { margin-top: 2rem; color: var(--soft); font-size: .85rem } tr { break-inside: avoid }
@media print { body { margin: 0; max-width: none; font-size: 11px } .verdict { font-size: 14px } }
`;

export function toPage(report: ConformReport): string {
  const { device, hardware, firmware, site, role, at, results, isUntrusted } = report;
  const date = new Date(at * 1_000).toISOString().slice(0, 16).replace('T', ' ');
  const areas = [...new Set(results.map(({ area }) => area))];
  const facts: readonly (readonly [string, string])[] = [
    ['Hardware', hardware],
    ['Firmware', firmware],
    ['Device', `${device}, ${role} of ${site}`],
    ['Link', isUntrusted ? 'not trusted: everything in a session' : 'trusted'],
    ['Examined', `${date} UTC`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(hardware)} ${text(firmware)}: Timeband conformance</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(hardware)}</h1>
<p>Conformance with the Timeband protocol, version ${report.protocol}</p>
${verdictOf(report)}
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${text(value)}</dd>`).join('')}</dl>
${areas.map((area) => section(area, results)).join('\n')}
<footer>Made by <code>bandctl conform</code>. Each line names the section of SPEC.md that asks for it. A check that was left
out says nothing about the device.</footer>
</body>
</html>
`;
}

function verdictOf({ conforms, passed, failed, skipped }: ConformReport): string {
  const isWhole = skipped === 0;
  const words = !conforms
    ? failed === 0
      ? 'Not examined to the end'
      : `Does not conform: ${failed} of ${passed + failed} checks failed`
    : isWhole
      ? 'Conforms'
      : 'Conforms in what was checked';
  return `<div class="verdict ${conforms ? 'good' : 'bad'}">${words}<small>${passed} passed, ${failed} failed, ${skipped} left out</small></div>`;
}

function section(area: Area, all: readonly CheckResult[]): string {
  const results = all.filter((result) => result.area === area);
  const rows = results.map(
    ({ id, title, section: from, verdict, reason }) =>
      `<tr class="${verdict}" id="${id}"><td>${MARK[verdict]}</td><td>${text(title)}${reason === undefined ? '' : `<div class="why">${text(reason)}</div>`}</td><td>${text(from)}</td></tr>`,
  );
  return `<h2>${AREAS[area]}</h2>\n<table>${rows.join('\n')}</table>`;
}
