import { createHash } from 'node:crypto';
import type { BookBuyer, BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { gid } from './ids.ts';

const FIRST_CUSTOMER_ID = 7_300_000_000_000;
const CUSTOMER_IDS = 2 ** 32;

const regions = new Intl.DisplayNames(['en'], { type: 'region' });

/** Shopify's id of the buyer. */
export function customerIdOf({ email }: BookBuyer): number {
  return FIRST_CUSTOMER_ID + (createHash('sha256').update(email).digest().readUInt32BE() % CUSTOMER_IDS);
}

export function splitName({ name }: BookBuyer): { firstName: string; lastName: string } {
  const [firstName = '', ...rest] = name.split(' ');
  return { firstName, lastName: rest.join(' ') };
}

export function countryName(code: string): string {
  return regions.of(code) ?? code;
}

/** A `MailingAddress`: where the order goes, which is where its bill goes too. */
export function mailingAddress(order: BookOrder) {
  const { buyer } = order;
  const { firstName, lastName } = splitName(buyer);
  const country = countryName(buyer.countryCode);
  return {
    id: gid('MailingAddress', `${order.orderId}?model_name=Address`),
    name: buyer.name,
    firstName,
    lastName,
    company: null,
    address1: buyer.street,
    address2: null,
    city: buyer.city,
    province: null,
    provinceCode: null,
    zip: buyer.postalCode,
    country,
    countryCodeV2: buyer.countryCode,
    phone: buyer.phone,
    formattedArea: `${buyer.city}, ${country}`,
    latitude: null,
    longitude: null,
  };
}

export function renderCustomer(order: BookOrder) {
  const { buyer } = order;
  const id = customerIdOf(buyer);
  return {
    ...splitName(buyer),
    id: gid('Customer', id),
    legacyResourceId: String(id),
    displayName: buyer.name,
    email: buyer.email,
    phone: buyer.phone,
    defaultEmailAddress: { emailAddress: buyer.email, marketingState: 'NOT_SUBSCRIBED' },
    defaultPhoneNumber: { phoneNumber: buyer.phone, marketingState: 'NOT_SUBSCRIBED' },
    defaultAddress: () => mailingAddress(order),
    locale: 'en',
    note: null,
    tags: [],
    state: 'DISABLED',
    taxExempt: false,
    verifiedEmail: true,
  };
}
