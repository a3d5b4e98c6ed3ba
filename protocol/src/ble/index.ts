export { ADVERT_BYTES, advertKey, openAdvert, sealAdvert, type AdvertState } from './advert.js';
export { PrivateAddressResolver } from './address-resolver.js';
export {
  bandAdvertisingData,
  MAX_ADVERT_NAME_BYTES,
  readAdvertisingData,
  serverAdvertisingData,
  type AdvertisingData,
} from './advertising-data.js';
export { isSnoop, readSnoop, snoopHeader, snoopRecord, type SnoopPacket } from './btsnoop.js';
export {
  GattLink,
  MIN_ATT_MTU,
  SMP_CHARACTERISTIC_UUID,
  SMP_SERVICE_UUID,
  type GattPort,
  type GattPortHandlers,
} from './gatt-link.js';
export { MAX_GATT_PACKET_BYTES, PacketAssembler, REASSEMBLY_MS } from './packet-assembler.js';
export { ADDRESS_BYTES, IRK_BYTES, privateAddress, resolves } from './private-address.js';
