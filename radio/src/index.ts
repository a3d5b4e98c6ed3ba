/**
 * A Bluetooth LE controller in use: its port, our driver with noble above it, connecting, and SMP over GATT. What for is
 * up to whoever uses it: a gateway that visits bands, a technician's command.
 */
export { type ConnectionPlan, Connector } from './connector.js';
export { RadioCounters } from './counters.js';
export { Pause, within } from './deadline.js';
export { RADIO_FAILURE_CODES, RadioFailure, type RadioFailureCode } from './failure.js';
export { GattSession, type SmpHandles } from './gatt-session.js';
export { type AdvertReport, peerAddress, type PeerAddress } from './hci/adverts.js';
export type { HciMonitor } from './hci/driver.js';
export { H4Parser } from './hci/h4.js';
export { SnoopFile } from './hci/snoop-file.js';
export { type AdvertPhase, heardAgain, heardAnew, intervalOf, nextAdvert } from './phase.js';
export { ADAPTERS, adaptersUp, blockOf, isListed, mayTakeAdapters } from './port/adapters.js';
export { loadDrivers } from './port/drivers.js';
export { makePort, type PortChoice } from './port/choice.js';
export type { HciPort, HciPortHandlers } from './port/port.js';
export { AddressResolver, type BandKey, type ResolvedBand } from './resolver.js';
export { type Adopted, RadioStack } from './stack.js';
