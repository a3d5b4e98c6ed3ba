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

export class Bindings {
  private readonly ofBand = new Map<string, Binding[]>();
  /** Bands with keys that ever belonged to an account. */
  private readonly keysOf = new Map<string, Set<string>>();

  constructor(bindings: Iterable<Binding> = []) {
    for (const binding of bindings) this.add(binding);
  }

  add(binding: Binding): void {
    const { band, account, hasKey } = binding;
    const known = this.ofBand.get(band) ?? [];
    known.push(binding);
    known.sort((a, b) => comparePlaces(a.place, b.place));
    this.ofBand.set(band, known);
    if (account === undefined || !hasKey) return;
    const keys = this.keysOf.get(account) ?? new Set();
    this.keysOf.set(account, keys.add(band));
  }

  at(band: string, place: Place): Binding | undefined {
    const known = this.ofBand.get(band) ?? [];
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
    for (const band of this.keysOf.get(account) ?? []) {
      const binding = this.at(band, place);
      if (binding?.account === account && binding.hasKey) return true;
    }
    return false;
  }

  /** Accounts that a band ever belonged to. */
  accountsOf(band: string): ReadonlySet<string> {
    return new Set((this.ofBand.get(band) ?? []).flatMap(({ account }) => account ?? []));
  }
}
