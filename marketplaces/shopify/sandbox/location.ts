/** The one location that every shop here has, whatever the shop. */
export const LOCATION_ID = '61900000001';
export const LOCATION_NAME = 'Sandbox warehouse';
/** since when everything here is there that no order brought */
export const SINCE = '2024-01-01T00:00:00Z';

export const LOCATION_ADDRESS = {
  address1: '1 Warehouse Road',
  address2: null,
  city: 'London',
  province: null,
  provinceCode: 'ENG',
  zip: 'E16 1AA',
  country: 'United Kingdom',
  countryCode: 'GB',
  phone: '',
};
