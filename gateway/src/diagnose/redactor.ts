/**
 * Takes out of texts and values what support must not have: secrets go, and who a text is about becomes a name of this
 * bundle alone. The key of these names is kept nowhere, so nobody can try out which band it is.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

export interface RedactorOptions {
  /** Strings that are removed wherever they stand. */
  readonly secrets: Iterable<string>;
  /** Ids of bands, tags, accounts and people that are known. */
  readonly ids: Iterable<string>;
  /** Ids that say nothing about anybody: the site, its gateways and readers. */
  readonly open: Iterable<string>;
}

/** Fields whose values are secrets, whatever they look like. */
const SECRET_FIELD =
  /^(pass(word|phrase)|secret|token|authorization|cookie|(private|master|metaRead)?key|irk|hash|salt|pem)$/i;
/**
 * Fields whose values name somebody, or something that somebody wears. `device` is a band as often as a reader: what is
 * not open is taken for a band.
 */
const NAMING_FIELD =
  /^(band|tag|device|account|client|clientId|user(name)?|subject|person|operator|wearer|owner|provider|recipient)$/i;
/** A shorter word in a text may be any word. */
const SHORTEST_ID = 3;

const GONE = '[removed]';
const PEM = /-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----/g;
const CREDENTIALS = /(\/\/)[^/\s@]+@/g;
/** The box knows no account's password; one that follows the word is one. */
const NAMED_SECRET = /\b(pass(?:word|phrase)|secret|token)\b(\W{1,3})([^\s"',}]{8,})/gi;
const LONG_SECRET = /\b[0-9a-fA-F]{32,}\b|[A-Za-z0-9+/_-]{43,}={0,2}/g;
const HARDWARE_ADDRESS = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi;
const IPV4 = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
const WORN = /\b(?:band|tag)-[a-z0-9]+(?:-[a-z0-9]+)*\b/g;
const TOKEN = /[A-Za-z0-9][A-Za-z0-9_.-]*/g;

export class Redactor {
  private readonly key = randomBytes(32);
  private readonly ids: Set<string>;
  private readonly open: ReadonlySet<string>;
  private readonly secrets: readonly string[];

  constructor({ secrets, ids, open }: RedactorOptions) {
    this.open = new Set(open);
    this.ids = new Set([...ids].filter((id) => id !== '' && !this.open.has(id)));
    // The longest first: a shorter one may be a part of it.
    this.secrets = [...new Set(secrets)]
      .filter((secret) => secret !== '')
      .sort((a, b) => b.length - a.length);
  }

  /** Takes note of whom the fields of a value name, so that texts before and after do not name them either. */
  learn(value: unknown, field = ''): void {
    if (typeof value === 'string') {
      if (NAMING_FIELD.test(field)) this.note(value);
    } else if (Array.isArray(value)) {
      for (const item of value) this.learn(item, field);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) this.learn(item, name);
    }
  }

  /** Anything that JSON has. */
  value(value: unknown, field = ''): unknown {
    if (value === null || value === undefined || typeof value === 'boolean') return value;
    if (SECRET_FIELD.test(field)) return GONE;
    if (typeof value === 'string') {
      return NAMING_FIELD.test(field) && !this.open.has(value) ? this.names(value) : this.text(value);
    }
    if (Array.isArray(value)) return value.map((item: unknown) => this.value(item, field));
    if (typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [this.text(name), this.value(item, name)]),
    );
  }

  text(text: string): string {
    let out = text;
    for (const secret of this.secrets) out = out.replaceAll(secret, GONE);
    return out
      .replace(PEM, GONE)
      .replace(CREDENTIALS, `$1${GONE}@`)
      .replace(NAMED_SECRET, `$1$2${GONE}`)
      .replace(HARDWARE_ADDRESS, (address) => this.nameFor(address.toLowerCase(), 'radio'))
      .replace(IPV4, (address) => this.address(address))
      .replace(IPV6, (address) => this.address(address))
      .replace(WORN, (id) => (this.open.has(id) ? id : this.nameFor(id)))
      .replace(TOKEN, (token) => (this.ids.has(token) ? this.nameFor(token) : token))
      .replace(LONG_SECRET, (found) => (found.includes('/') && found.startsWith('/') ? found : GONE));
  }

  /** A client of the broker is called `account/client`: each part has a name. */
  private names(value: string): string {
    return value
      .split('/')
      .map((part) => (part === '' || this.open.has(part) ? part : this.nameFor(part)))
      .join('/');
  }

  private note(value: string): void {
    for (const part of value.split('/')) {
      if (part.length >= SHORTEST_ID && !this.open.has(part)) this.ids.add(part);
    }
  }

  /** The same for the same id, in this bundle. */
  private nameFor(id: string, kind = kindOf(id)): string {
    return `${kind}_${createHmac('sha256', this.key).update(id).digest('hex').slice(0, 8)}`;
  }

  private address(address: string): string {
    const version = isIP(address);
    const isOpen = version === 0 || address.startsWith('127.') || ['0.0.0.0', '::', '::1'].includes(address);
    return isOpen ? address : this.nameFor(address, 'address');
  }
}

function kindOf(id: string): string {
  return /^(band|tag)-/.exec(id)?.[1] ?? 'id';
}
