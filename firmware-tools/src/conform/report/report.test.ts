/** Reports as other programs and people read them. */
import { describe, expect, it } from 'vitest';
import type { ConformReport } from '../run.js';
import { toJunit } from './junit.js';
import { toPage } from './page.js';
import { toTap } from './tap.js';

const about = { area: 'ack', section: 'Ack', ms: 12 } as const;
const report: ConformReport = {
  ...{ target: '/dev/ttyACM0', device: 'reader-1', site: 'dahaiyang', role: 'reader' },
  ...{ firmware: '2.0 <beta>', hardware: 'board #7', protocol: 1, at: 1_750_000_000, isUntrusted: false },
  ...{ conforms: false, passed: 1, failed: 1, skipped: 1 },
  results: [
    { ...about, id: 'ack-applied', title: 'applies an ack that holds', verdict: 'passed' },
    {
      ...{ ...about, id: 'ack-hash', title: 'refuses an ack # whose hash is not its own', verdict: 'failed' },
      ...{ reason: 'it answered "success" & <more>\u0007', trace: ['-> 0a', '<- 0b'] },
    },
    { ...about, id: 'ack-again', title: 'answers again', verdict: 'skipped', reason: 'no key' },
  ],
};

describe('a report', () => {
  it('is TAP, with what went over the line below a failure', () => {
    expect(toTap(report).split('\n')).toEqual([
      'TAP version 14',
      '# reader-1, 2.0 <beta> on board #7',
      '1..3',
      'ok 1 - ack-applied: applies an ack that holds',
      'not ok 2 - ack-hash: refuses an ack \\# whose hash is not its own',
      '  ---',
      '  message: "it answered \\"success\\" & <more>\\u0007"',
      '  section: "Ack"',
      '  duration_ms: 12',
      '  trace:',
      '    - "-> 0a"',
      '    - "<- 0b"',
      '  ...',
      'ok 3 - ack-again: answers again # SKIP no key',
      '# passed 1, failed 1, skipped 1',
    ]);
  });

  it('is JUnit, in which nothing of the device can end an attribute', () => {
    const xml = toJunit(report);
    expect(xml).toContain('<testsuite name="Acks" tests="3" failures="1" skipped="1" time="0.036"');
    expect(xml).toContain(
      '<failure message="it answered &quot;success&quot; &amp; &lt;more&gt;?">-&gt; 0a\n&lt;- 0b',
    );
    expect(xml).toContain('<skipped message="no key"/>');
  });

  it('is a page by itself, which says what failed and what was left out', () => {
    const page = toPage(report);
    expect(page).toContain('Does not conform: 1 of 2 checks failed');
    expect(page).toContain('2.0 &lt;beta&gt;');
    expect(page).toContain('<div class="why">no key</div>');
    expect(page).not.toMatch(/src=|href=|<script/);
    expect(toPage({ ...report, conforms: true, failed: 0 })).toContain('Conforms in what was checked');
  });
});
