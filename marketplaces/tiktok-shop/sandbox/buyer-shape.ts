import { createHash } from 'node:crypto';
import type { BookBuyer } from '#marketplaces/sandbox-kit/books.ts';

/** TikTok Shop's id of the buyer. */
export function userIdOf({ email }: BookBuyer): string {
  const number = createHash('sha256').update(email).digest().readBigUInt64BE() % 10n ** 15n;
  return `7021${String(number).padStart(15, '0')}`;
}

/** `recipient_address`, which TikTok Shop masks and the sandbox does not. */
export function renderAddress(buyer: BookBuyer) {
  const [firstName = '', ...lastNames] = buyer.name.split(' ');
  const levels = [buyer.countryCode, buyer.city];
  return {
    name: buyer.name,
    first_name: firstName,
    last_name: lastNames.join(' '),
    phone_number: buyer.phone.replace(/^\+(\d{1,3}) /, '(+$1)'),
    full_address: `${buyer.street}, ${buyer.city}, ${buyer.postalCode}, ${buyer.countryCode}`,
    address_detail: buyer.street,
    address_line1: buyer.street,
    address_line2: '',
    address_line3: '',
    address_line4: '',
    district_info: levels.map((name, level) => ({
      address_level: `L${level}`,
      address_level_name: level === 0 ? 'Country' : 'City',
      address_name: name,
    })),
    post_town: buyer.city,
    postal_code: buyer.postalCode,
    region_code: buyer.countryCode,
  };
}
