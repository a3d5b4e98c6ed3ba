/** What a running gateway does with its own store when it is asked to: accounts for everything, while it works on. */
import { type AuditReport, reconcile } from '../audit/index.js';
import { type Config, type Credentials, siteFiles } from '../config/index.js';
import type { Store } from '../store/index.js';
import type { ControlRoute } from './control.js';
import { jobRoute, type JobRun } from './jobs.js';

export interface MaintenanceOptions {
  readonly config: Config;
  readonly credentials: Credentials;
  readonly store: Store;
}

export class Maintenance {
  constructor(private readonly options: MaintenanceOptions) {}

  reconcile(run: JobRun): Promise<AuditReport> {
    const { config, credentials, store } = this.options;
    const { site, uplink, dataDir } = config;
    const { headMarker } = siteFiles(dataDir);
    return reconcile(
      {
        ...{ store, site, trust: credentials.trust },
        hasUplink: uplink !== undefined,
        markerFile: headMarker,
      },
      run,
    );
  }
}

/** Its routes on the control socket. */
export function maintenanceRoutes(maintenance: Maintenance): Readonly<Record<string, ControlRoute>> {
  return { '/reconcile': jobRoute((_query, run) => maintenance.reconcile(run)) };
}
