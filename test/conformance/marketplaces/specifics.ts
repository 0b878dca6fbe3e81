import ebaySignature from '#test/vectors/ebay/signature.json' with { type: 'json' };
import { SECOND_MS } from './world.ts';

/** What differs between marketplaces; what is promised does not. */
export type Specifics = {
  /** the field of the registration that the token endpoint checks */
  appSecret: string;
  /** a call, by its name in `operations`, and how many the sandbox takes at once; `used`: made to get there */
  exhausting: { operation: string; calls: number; used?: number };
  /**
   * The notifications that tell of a new order with two lines, in their order; absent: one. `other` names no order.
   */
  notifications?: readonly ('order' | 'other')[];
  /** what comes back from consent is signed, so that a code which was changed is a forgery */
  callbacksAreSigned?: true;
  /**
   * Page tokens that the marketplace can't let end: `places` are numbers of the connector's own, and `within-a-second` it
   * uses the marketplace's token only where more orders changed in one second than a page holds.
   */
  pageTokens?: 'places' | 'within-a-second';
  /** a window that ends before it begins is no error, but a list that holds nothing */
  reversedWindow?: 'empty';
  /** how a delivery is signed; absent where none is */
  signature?: {
    header: string;
    /** the header's value with its signature cut short, at every length */
    cuts(value: string): string[];
    /** how old a delivery may be by the time that is signed with it, where one is */
    lastsMs?: number;
    /** a key that did not sign: in the registration, or as the public key that was fetched */
    otherKey: { registration?: Record<string, unknown>; publicKey?: string };
  };
  /** how long a signed API call is good, where calls are signed */
  signedCallsLastMs?: number;
  /** promises that make no sense here, each with the reason */
  notApplicable: Record<string, string>;
};

const NOT_SIGNED = 'nothing over HTTP is signed: notifications come from an SQS queue, which vouches for them';
const NO_KEY_FETCHED = 'no public key is fetched';
const CALLS_NOT_SIGNED = 'calls carry a bearer token and no signed time';
const UNSIGNED_WEBHOOKS = 'no notification is signed: the order is read again, whatever one says';

/** Every beginning of a signature that is the whole header. */
const cutText = (value: string): string[] =>
  Array.from({ length: value.length }, (_, length) => value.slice(0, length));

export const specificsOf: Readonly<Record<string, Specifics>> = {
  amazon: {
    appSecret: 'clientSecret',
    exhausting: { operation: 'a page', calls: 20 },
    notApplicable: {
      'a delivery whose signature is cut short is refused, wherever it is cut': NOT_SIGNED,
      'a delivery signed with another key is refused': NOT_SIGNED,
      'a delivery signed too long ago is refused': NOT_SIGNED,
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
      'a call signed too long ago is refused, and may be made again': CALLS_NOT_SIGNED,
    },
  },
  ebay: {
    appSecret: 'clientSecret',
    // 1,000 application tokens a day: the one quota that a test can use up. The public key took the first.
    exhausting: { operation: 'an app token', calls: 1_000, used: 1 },
    signature: {
      header: 'x-ebay-signature',
      cuts(value) {
        const header = JSON.parse(Buffer.from(value, 'base64').toString()) as { signature: string };
        const bytes = Buffer.from(header.signature, 'base64');
        return Array.from({ length: bytes.length }, (_, length) => {
          const signature = bytes.subarray(0, length).toString('base64');
          return Buffer.from(JSON.stringify({ ...header, signature })).toString('base64');
        });
      },
      otherKey: { publicKey: ebaySignature.keyAnswer.key },
    },
    notApplicable: {
      'a delivery signed too long ago is refused': 'eBay documents no age at which a notification is too old',
      'a call signed too long ago is refused, and may be made again': CALLS_NOT_SIGNED,
    },
  },
  lazada: {
    appSecret: 'appSecret',
    exhausting: { operation: 'a page', calls: 50 },
    reversedWindow: 'empty',
    notifications: ['order', 'order'],
    pageTokens: 'places',
    signature: {
      header: 'authorization',
      cuts: cutText,
      otherKey: { registration: { appSecret: 'not-the-secret' } },
    },
    // The timestamp may be less than 7,200 s off.
    signedCallsLastMs: 7_199 * SECOND_MS,
    notApplicable: {
      'a delivery signed too long ago is refused':
        'Lazada resends a push for six hours, and its signature holds no time',
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
    },
  },
  mercadolibre: {
    appSecret: 'clientSecret',
    exhausting: { operation: 'a page', calls: 1_500 },
    reversedWindow: 'empty',
    // Of the order and of its shipment.
    notifications: ['order', 'other'],
    pageTokens: 'places',
    notApplicable: {
      'a delivery over HTTP without its signature is refused': UNSIGNED_WEBHOOKS,
      'a delivery with one changed byte is refused, whichever byte it is': UNSIGNED_WEBHOOKS,
      'a delivery whose signature is cut short is refused, wherever it is cut': UNSIGNED_WEBHOOKS,
      'a delivery signed with another key is refused': UNSIGNED_WEBHOOKS,
      'a delivery signed too long ago is refused': UNSIGNED_WEBHOOKS,
      'headers of garbage are refused and throw nothing': UNSIGNED_WEBHOOKS,
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
      'a call signed too long ago is refused, and may be made again': CALLS_NOT_SIGNED,
    },
  },
  shopee: {
    appSecret: 'partnerKey',
    exhausting: { operation: 'a page', calls: 20 },
    signature: {
      header: 'authorization',
      cuts: cutText,
      // The key that signs API calls is no key of a push.
      otherKey: { registration: { pushPartnerKeys: ['test_partner_key_0123456789abcdef'] } },
    },
    signedCallsLastMs: 300 * SECOND_MS,
    notApplicable: {
      'a delivery signed too long ago is refused': 'Shopee resends a push hours later under its first timestamp',
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
    },
  },
  shopify: {
    appSecret: 'apiSecret',
    // A page asks for 289 points and gets all but 8 of them back where it holds one order; 2,000 are there.
    exhausting: { operation: 'a page', calls: 214 },
    reversedWindow: 'empty',
    callbacksAreSigned: true,
    signature: {
      header: 'x-shopify-hmac-sha256',
      cuts: cutText,
      otherKey: { registration: { apiSecret: 'not-the-secret' } },
    },
    notApplicable: {
      'a delivery signed too long ago is refused': 'Shopify resends a delivery for four hours, to the byte as it was',
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
      'a call signed too long ago is refused, and may be made again': CALLS_NOT_SIGNED,
    },
  },
  'tiktok-shop': {
    appSecret: 'appSecret',
    exhausting: { operation: 'a page', calls: 50 },
    reversedWindow: 'empty',
    pageTokens: 'within-a-second',
    signature: {
      header: 'authorization',
      cuts: cutText,
      otherKey: { registration: { appSecret: 'not-the-secret' } },
    },
    signedCallsLastMs: 300 * SECOND_MS,
    notApplicable: {
      'a delivery signed too long ago is refused': 'TikTok Shop resends a notification hours later as it was',
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
    },
  },
  walmart: {
    appSecret: 'clientSecret',
    exhausting: { operation: 'details', calls: 5_000 },
    reversedWindow: 'empty',
    signature: {
      header: 'wm_sec.signature',
      cuts: cutText,
      otherKey: { registration: { webhookSecret: 'not-the-secret' } },
    },
    notApplicable: {
      'a delivery signed too long ago is refused': 'a notification of a subscription carries no time that is signed',
      'a key that the marketplace does not know is a permanent failure': NO_KEY_FETCHED,
      'a call signed too long ago is refused, and may be made again': CALLS_NOT_SIGNED,
    },
  },
};
