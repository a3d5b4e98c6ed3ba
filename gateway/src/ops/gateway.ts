/** The whole gateway: every part put together, started in order and ended in reverse. What each is stands in its own file. */
import { Accounts, type BrokerOptions } from '../broker/index.js';
import { ForwardDesk } from '../forward/index.js';
import { ExpiredHolds } from '../ledger/index.js';
import type { Kitchen } from '../kitchen/index.js';
import { Raiser } from '../matters/index.js';
import { OwnLog } from '../own-log/index.js';
import { OpeningCommitter, Poller, type SyncContext } from '../sync/index.js';
import { VERSION } from '../version.js';
import { openBooks } from './books.js';
import { openCommitter, watchStorage } from './committing.js';
import { Devices } from './devices.js';
import { openForwarding, type RunningForwarding } from './forwarding.js';
import { type GatewayOptions, openFoundation } from './foundation.js';
import { openHeads, openReceipts } from './heads.js';
import { LiveUplink } from './live-uplink.js';
import { Maintenance } from './maintenance.js';
import { startBroker } from './mqtt.js';
import { OwnCertificateWatch } from './own-certificate.js';
import { openPolicies } from './policies.js';
import { Presence } from './presence.js';
import { type GatewayReport, openReport } from './report.js';
import type { RunningGateway } from './running-gateway.js';
import { openTrail } from './trail.js';

/** Starts everything that the configuration names. @throws ConfigError, StoreError, or the listener's error */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const base = openFoundation(options);
  const { config, site, gateway, settings, files, topics, store, events, credentials } = base;
  const { clock, timers, wallClock, counters, log } = base;
  const { trail, noteOwn } = openTrail(base);

  let requested: NonNullable<BrokerOptions['published']> = () => undefined;
  const broker = await startBroker({
    ...{ config, clock, timers, wallClock, counters, log: log.child({ name: 'broker' }) },
    ...{ accounts: new Accounts(files.accounts), source: events, cursors: store.cursors, tables: store.mqtt },
    published: (login, topic, payload) => {
      requested(login, topic, payload);
    },
    served: (account, topic, payload) =>
      topic === topics.forward(account) ? desk.receive(account, payload) : undefined,
  });
  trail.start(); // after what may fail: its timers would keep a gateway that could not start from ending

  // From the disk to who reads events: what a commit stores goes into the books, then to the broker and to the city.
  const storage = watchStorage(base);
  const books = openBooks(base);
  const { committer, commits } = openCommitter({
    ...{ base, books, storage },
    committed: (published) => {
      broker.committed(published);
      uplink.committed(published);
    },
  });
  if (events.opening !== undefined) noteOwn('restored', { epoch: events.epoch });
  let forwarding: RunningForwarding | undefined = undefined;
  const policies = openPolicies({
    base,
    enforced: (document, isNew) => {
      const { content, number } = document;
      books.ledger.adopt(document);
      if (isNew) noteOwn('policy', { type: content.type, number });
      if (content.type === 'primary') forwarding?.policyChanged();
    },
  });
  policies.start();
  const receipts = openReceipts(base);
  const uplink = new LiveUplink({ base, receipts, policies, report: () => report() });

  // From devices to the disk, or by way of the gateway that counts for the site.
  forwarding = openForwarding({
    ...{ config, credentials, policies, store, storage, timers, wallClock, clock, counters },
    log: log.child({ name: 'forward' }),
    toSelf: (bytes) => void desk.receive(gateway, bytes),
  });
  // What is derived is not asked while it is behind: what was ordered may not be in it yet.
  const kitchen: Pick<Kitchen, 'dateOf' | 'preview'> = {
    dateOf: (at) => books.kitchen.dateOf(at),
    preview: (...meal) => (books.catchUp.behind > 0 ? { outcome: 'queued' } : books.kitchen.preview(...meal)),
  };
  const context: SyncContext = {
    ...{ site, gateway, credentials, store, policies, receipts, timers, wallClock, clock, counters },
    ...{ assessor: base.assessor, bands: base.bands, deviceKeys: base.deviceKeys },
    visits: books.visits,
    kitchen,
    ledger: {
      previewRedemption: (record) =>
        books.catchUp.behind > 0 ? { outcome: 'queued' } : books.ledger.previewRedemption(record),
    },
    committer:
      events.opening === undefined ? committer : new OpeningCommitter(committer, () => ownLog.open()),
    forward: forwarding?.queue,
    isRestored: store.epochs.all.length > 1,
    poller: new Poller(timers),
    log: log.child({ name: 'sync' }),
    synced: base.stopwatch?.sync,
  };
  const desk = new ForwardDesk({
    context: { ...context, log: log.child({ name: 'forward' }) },
    answer: (client, bytes) => {
      if (client === gateway) forwarding?.answered(bytes);
      else void broker.publishHint(topics.forwardAnswer(client), Buffer.from(bytes));
    },
  });
  const ownLog = new OwnLog({
    ...{ ...context, committer, firmware: `timeband-gateway ${VERSION}`, restored: events.opening },
  });
  const devices = new Devices({
    ...{ base, context, ownLog, kitchen },
    called: (call) => {
      uplink.hint(call);
      void broker.publishHint(topics.help, call);
    },
  });

  const maintenance = new Maintenance({ ...base, configFile: options.configFile });
  const report: () => GatewayReport = openReport({
    ...{ base, broker, commits, storage, maintenance, devices, uplink, forwarding, desk },
    catchUp: books.catchUp,
  });
  const presence = new Presence(base, broker);
  const ownCertificate = new OwnCertificateWatch({
    ...{ file: files.gatewayCertificate, credentials, timers, wallClock, counters },
    log: log.child({ name: 'certificate' }),
    renewed: ({ kid, bytes }) => {
      store.epochs.keepSigner(kid, bytes);
      void presence.showCertificate();
      uplink.renewed();
    },
  });
  const heads = openHeads({
    ...{ base, receipts },
    publish: (head) => broker.publishRetained(topics.head, Buffer.from(head)),
  });
  const raiser = new Raiser({
    ...{ site, matters: books.matters, ownLog, sources: [books.kitchen.unseen, books.cases.overdue] },
    ...{ timers, counters, now: () => clock.now(), log: log.child({ name: 'matters' }) },
  });

  const expiredHolds = new ExpiredHolds({
    ...{ store, ledger: books.ledger, ownLog, timers, counters, now: () => clock.now() },
    log: log.child({ name: 'ledger' }),
  });

  await presence.appear();
  ownCertificate.start();
  presence.showHealth(report);
  heads.start();
  forwarding?.start();
  await devices.start();
  maintenance.start();
  books.catchUp.start(() => {
    // By books that are behind they would say what was settled long ago.
    raiser.start();
    expiredHolds.start();
  });

  return {
    ...books,
    ...{ report, receipts, proofs: store.proofs, maintenance, ownCertificate },
    ...{ store, trail, ownLog, approvers: base.approvers, counters, timers, clock },
    ...{ logIn: broker.logIn, logInByCertificate: broker.logInByCertificate },
    publishHint: broker.publishHint,
    onPublished: (listener) => {
      requested = listener;
    },
    booksReport: () => books.catchUp.report(),
    quarantine: () => store.quarantine.byCode(),
    probe: () => {
      store.probe();
    },
    adopt: async (next) => {
      const before = settings.live;
      settings.live = next;
      noteOwn('settings', { readAgain: true });
      broker.adopt(next);
      policies.refresh();
      await maintenance.adopt(next);
      await uplink.adopt(next, before);
    },
    close: async () => {
      presence.close();
      ownCertificate.close();
      heads.close();
      policies.close();
      storage.close();
      books.catchUp.close();
      await Promise.all([raiser.close(), expiredHolds.close()]);
      await Promise.all([devices.close(), maintenance.close()]);
      await Promise.all([uplink.close(), forwarding?.close()]);
      await presence.leave();
      await broker.close();
      trail.close();
      base.marker.close();
      store.close();
    },
  };
}
