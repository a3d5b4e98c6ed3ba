/** Whose a band is, at any place: what enrolments say, the first of each action, in the order of their places. */
import { comparePlaces, type Place } from './place.js';

/** From a place on a band belongs to an account, or to nobody. */
export interface Binding {
  readonly band: string;
  readonly place: Place;
  readonly account: string | undefined;
  readonly hasKey: boolean;
  /** Id of what was approved, in hexadecimal. */
  readonly action: string;
}

/** Where bindings are kept. */
export interface BindingSource {
  /** Of a band, in the order in which they became known. */
  readonly bindingsOf: (band: string) => Iterable<Binding>;
  /** Bands with keys that ever belonged to an account. */
  readonly keyedBands: (account: string) => Iterable<string>;
}

/** Bands and accounts that are kept in memory. */
const MOST_KNOWN = 20_000;

/** Reads what it is asked for, and keeps it: a box that has just started does not wait for all enrolments there ever were. */
export class Bindings {
  private readonly ofBand = new Map<string, readonly Binding[]>();
  private readonly keysOf = new Map<string, ReadonlySet<string>>();

  constructor(private readonly source: BindingSource) {}

  /** What the source says of a band has changed, and of the account to which it belongs now. */
  changed({ band, account }: Binding): void {
    this.ofBand.delete(band);
    if (account !== undefined) this.keysOf.delete(account);
  }

  clear(): void {
    this.ofBand.clear();
    this.keysOf.clear();
  }

  at(band: string, place: Place): Binding | undefined {
    const known = this.bindingsOf(band);
    const [only] = known;
    if (known.length === 1 && only !== undefined)
      return comparePlaces(only.place, place) > 0 ? undefined : only;
    const seen = new Set<string>();
    let found: Binding | undefined;
    for (const binding of known) {
      if (comparePlaces(binding.place, place) > 0) break;
      if (seen.has(binding.action)) continue;
      seen.add(binding.action);
      found = binding;
    }
    return found;
  }

  accountOf(band: string, place: Place): string | undefined {
    return this.at(band, place)?.account;
  }

  /** Whether an account has a band with a key of its own. */
  ownsKey(account: string, place: Place): boolean {
    for (const band of this.keyedBands(account)) {
      const binding = this.at(band, place);
      if (binding?.account === account && binding.hasKey) return true;
    }
    return false;
  }

  /** Accounts that a band ever belonged to. */
  accountsOf(band: string): ReadonlySet<string> {
    return new Set(this.bindingsOf(band).flatMap(({ account }) => account ?? []));
  }

  /** In the order of their places. */
  private bindingsOf(band: string): readonly Binding[] {
    let known = this.ofBand.get(band);
    if (known === undefined) {
      if (this.ofBand.size >= MOST_KNOWN) this.ofBand.clear();
      known = [...this.source.bindingsOf(band)].sort((a, b) => comparePlaces(a.place, b.place));
      this.ofBand.set(band, known);
    }
    return known;
  }

  private keyedBands(account: string): ReadonlySet<string> {
    let known = this.keysOf.get(account);
    if (known === undefined) {
      if (this.keysOf.size >= MOST_KNOWN) this.keysOf.clear();
      known = new Set(this.source.keyedBands(account));
      this.keysOf.set(account, known);
    }
    return known;
  }
}
