/**
 * The page that checks a receipt without a server: what is pasted or dropped, against the issuer certificate that is
 * embedded or dropped.
 */
import { TimebandError } from '@timeband/protocol';
import { type Believed, believe, checkReceipt } from '../src/receipt/check.js';
import type { Language } from '../src/receipt/language.js';
import { readAnchors } from '../src/receipt/page-anchors.js';
import { languageOf, linesOf, reasonOf, wordsOf } from '../src/receipt/words.js';
import { PAGE_WORDS } from './page-words.js';

/** Longest file that is looked at, bytes. */
const MAX_FILE = 65_536;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/** A certificate begins with the tag of a CWT, 61; nothing else that is dropped here does. */
function isCertificate(bytes: Uint8Array): boolean {
  return bytes[0] === 0xd8 && bytes[1] === 0x3d;
}

type Shown =
  | { readonly show: 'nothing' }
  | { readonly show: 'bad certificate' }
  | { readonly show: 'receipt'; readonly input: string | Uint8Array };

class Page {
  private language: Language = languageOf(navigator.language);
  private readonly root: Uint8Array | undefined;
  private believed: Believed | undefined;
  private shown: Shown = { show: 'nothing' };

  constructor() {
    const { issuer, root } = readAnchors(element('anchors').textContent);
    this.root = root;
    if (issuer !== undefined) this.trust(issuer);
    this.listen();
    this.draw();
  }

  private listen(): void {
    const text = element('receipt') as HTMLTextAreaElement;
    text.addEventListener('input', () => {
      this.show(text.value.trim() === '' ? { show: 'nothing' } : { show: 'receipt', input: text.value });
    });
    element('language').addEventListener('click', () => {
      this.language = this.language === 'en' ? 'zh-CN' : 'en';
      this.draw();
    });
    const file = element('file') as HTMLInputElement;
    file.addEventListener('change', () => {
      void this.take(file.files);
    });
    const drag = (type: 'dragover' | 'dragleave' | 'drop', isOver: boolean): void => {
      document.addEventListener(type, (event) => {
        event.preventDefault();
        document.body.classList.toggle('dragging', isOver);
        if (type === 'drop') void this.take(event.dataTransfer?.files ?? null);
      });
    };
    drag('dragover', true);
    drag('dragleave', false);
    drag('drop', false);
  }

  /** Certificates first, so that a receipt dropped together with one is judged by it. */
  private async take(files: FileList | null): Promise<void> {
    const small = [...(files ?? [])].filter(({ size }) => size <= MAX_FILE);
    const contents = await Promise.all(small.map(async (file) => new Uint8Array(await file.arrayBuffer())));
    for (const bytes of contents.filter(isCertificate)) {
      if (!this.trust(bytes)) {
        this.show({ show: 'bad certificate' });
        return;
      }
    }
    const input = contents.find((bytes) => !isCertificate(bytes));
    this.show(input === undefined ? this.shown : { show: 'receipt', input });
  }

  private trust(issuer: Uint8Array): boolean {
    try {
      this.believed = believe({ issuer, root: this.root });
      return true;
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return false;
    }
  }

  private show(shown: Shown): void {
    this.shown = shown;
    this.draw();
  }

  private draw(): void {
    const words = PAGE_WORDS[this.language];
    document.documentElement.lang = this.language;
    document.title = words.title;
    element('title').textContent = words.title;
    element('language').textContent = words.other;
    element('ask').textContent = words.ask;
    element('pick').textContent = words.pick;
    element('privacy').textContent = words.privacy;
    element('trust').textContent =
      this.believed === undefined ? words.trustsNobody : words.trusts(this.believed.site);
    this.drawVerdict();
  }

  private drawVerdict(): void {
    const words = PAGE_WORDS[this.language];
    const { shown, believed } = this;
    if (shown.show === 'bad certificate') {
      this.say('refused', words.badCertificate);
    } else if (believed === undefined) {
      this.say('none', words.noIssuer);
    } else if (shown.show === 'nothing') {
      this.say('none', words.none);
    } else {
      this.judge(shown.input, believed);
    }
  }

  private judge(input: string | Uint8Array, believed: Believed): void {
    const words = wordsOf(this.language);
    const verdict = checkReceipt(input, believed);
    if (verdict.verdict === 'refused') {
      this.say('refused', `✗ ${words.refused}`, words.reasons[reasonOf(verdict.refusal.code)]);
      return;
    }
    this.say('good', `✓ ${words.good}`);
    for (const [label, value] of linesOf(verdict.report, this.language)) {
      const term = document.createElement('dt');
      const definition = document.createElement('dd');
      term.textContent = label;
      definition.textContent = value;
      element('lines').append(term, definition);
    }
  }

  private say(verdict: 'none' | 'good' | 'refused', headline: string, reason = ''): void {
    element('verdict').dataset['verdict'] = verdict;
    element('headline').textContent = headline;
    element('reason').textContent = reason;
    element('lines').replaceChildren();
  }
}

new Page();
