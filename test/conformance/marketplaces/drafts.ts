import type { BookBuyer, OrderDraft } from '#marketplaces/sandbox-kit/books.ts';

/** A buyer whose every word is found nowhere else, so that a leak shows. */
const BUYER: BookBuyer = {
  name: 'Zoë Quillfeather',
  email: 'zoe.quillfeather@marketplace.example',
  phone: '+44 20 7946 0831',
  street: '17 Wren Passage',
  city: 'Ottery Saint Mary',
  postalCode: 'EX11 9QZ',
  countryCode: 'GB',
};

/** What must not be found outside of a buyer's record. A country alone tells nothing of a buyer. */
export const BUYER_WORDS = [BUYER.name, BUYER.email, BUYER.phone, BUYER.street, BUYER.city, BUYER.postalCode];

const draft = (...lines: OrderDraft['lines']): OrderDraft => ({ currency: 'GBP', lines, buyer: BUYER });

/** One line and several, prices that a float can't hold, a quantity that no total divides by evenly. */
export const DRAFTS: readonly OrderDraft[] = [
  draft(
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 6, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ),
  draft({ sku: '22423', title: 'RÉGENCE "CAKESTAND" 3 TIER', quantity: 7, unitPrice: '0.10' }),
  draft({ sku: 'POST', title: 'A PARCEL & ITS POSTAGE', quantity: 1, unitPrice: '4100.30' }),
];
