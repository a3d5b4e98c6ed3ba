export { ADVERT_BYTES, advertKey, openAdvert, sealAdvert, type AdvertState } from './advert.js';
export { ADDRESS_BYTES, IRK_BYTES, privateAddress, resolves } from './private-address.js';
