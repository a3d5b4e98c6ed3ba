/** What the site's issuer signed: looked for in files, kept in the store, told to whom it concerns. */
import { resolve } from 'node:path';
import type { PolicyDocument } from '@timeband/protocol';
import { Policies } from '../trust/index.js';
import type { Foundation } from './foundation.js';

export interface PoliciesParts {
  readonly base: Foundation;
  /** A document is in force, at the start or since; `isNew`: it was not before this start. */
  readonly enforced: (document: PolicyDocument, isNew: boolean) => void;
}

/** Not started yet. */
export function openPolicies({ base, enforced }: PoliciesParts): Policies {
  const { site, settings, files, credentials, store, clock, timers, log } = base;
  const before = new Set(store.policy.all().map(({ type, number }) => `${type} ${number}`));
  return new Policies({
    site,
    get files() {
      const { policy, dataDir } = settings.live;
      return policy.map((file) => resolve(dataDir, file));
    },
    optionalFiles: [files.registerPolicy],
    trust: credentials.trust,
    issuer: credentials.issuer.kid,
    store,
    now: () => clock.now(),
    timers,
    log: log.child({ name: 'policy' }),
    enforced: (document) => {
      const { content, number } = document;
      enforced(document, !before.has(`${content.type} ${number}`));
    },
  });
}
