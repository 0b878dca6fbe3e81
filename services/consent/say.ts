import { nameOf, type Page } from './pages.ts';

/** how soon a page may be loaded again, seconds */
const AGAIN_SECONDS = 10;

const again = (marketplace: string) => [
  {
    href: `/connections/new?marketplace=${encodeURIComponent(marketplace)}`,
    text: `Connect ${nameOf(marketplace)} again`,
  },
];

/** A seller is connected: what happens next. */
export function sayConnected(
  marketplace: string,
  connected: {
    connections: readonly { connectionId: string; sellerId: string }[];
    days: number;
    endsAt: number | undefined;
  },
): Page {
  const { connections, days, endsAt } = connected;
  const name = nameOf(marketplace);
  const several = connections.length > 1;
  const accounts = connections.map(({ sellerId, connectionId }) => `${sellerId} (${connectionId})`).join(', ');
  return {
    status: 200,
    title: `Your ${name} account${several ? 's are' : ' is'} connected`,
    paragraphs: [
      `Connected: ${accounts}.`,
      days > 0
        ? `What happens next: the orders of the last ${days} days are read now, which can take a while; new orders come in by themselves from now on.`
        : 'What happens next: new orders come in by themselves from now on.',
      endsAt === undefined
        ? 'You need do nothing more, and can close this page. You can take your consent back at any time, at the marketplace.'
        : `You need do nothing more, and can close this page. Your consent lasts until ${new Date(endsAt).toISOString().slice(0, 10)}; you will be asked for a new one before that. You can take it back at any time, at the marketplace.`,
    ],
  };
}

/** The marketplace is in trouble between the exchange and the connection. */
export const sayGoesOn = (marketplace: string): Page => ({
  status: 202,
  title: `${nameOf(marketplace)} has your consent`,
  paragraphs: [
    `${nameOf(marketplace)} is slow to tell us about your account. The connection is made by itself as soon as it does.`,
    'You need do nothing more, and can close this page.',
  ],
});

export const sayBusy = (marketplace: string): Page => ({
  status: 503,
  title: `${nameOf(marketplace)} is busy`,
  paragraphs: ['Nothing is lost: load this page again in a few seconds.'],
  retryAfterSeconds: AGAIN_SECONDS,
});

export const sayDown: Page = {
  status: 503,
  title: 'This did not work',
  paragraphs: ['Something is wrong on our side. Load this page again in a minute.'],
  retryAfterSeconds: 60,
};

export const sayUnknown = (known: readonly string[]): Page => ({
  status: known.length > 0 ? 404 : 503,
  title: 'Which marketplace?',
  paragraphs: [
    known.length > 0
      ? 'Choose the marketplace where your account is.'
      : 'No marketplace is set up here yet. Tell whoever runs this server.',
  ],
  links: known.map((marketplace) => ({
    href: `/connections/new?marketplace=${encodeURIComponent(marketplace)}`,
    text: nameOf(marketplace),
  })),
});

export const sayWhichShop = (marketplace: string, isWrong: boolean): Page => ({
  status: 400,
  title: `Which ${nameOf(marketplace)} shop?`,
  paragraphs: [
    isWrong
      ? 'This is not the domain of a shop. It ends in .myshopify.com.'
      : `The consent page of ${nameOf(marketplace)} belongs to a shop.`,
  ],
  shopOf: marketplace,
});

/** What a refused `state` means. `known` is the marketplace of the address that the seller came back to, if it is one. */
export function sayRefusedState(
  refused: 'forged' | 'expired' | 'other-browser' | 'other-marketplace',
  known: string | undefined,
): Page {
  const text = {
    forged: {
      title: 'This link does not come from here',
      paragraph: 'Nothing was connected. Begin anew, and use the link only once.',
    },
    expired: {
      title: 'This took too long',
      paragraph:
        'For your safety, a consent has to be given within an hour of its beginning. Nothing was connected: begin anew.',
    },
    'other-browser': {
      title: 'This was begun in another browser',
      paragraph:
        'For your safety, a consent has to be given in the browser that it was begun in, with cookies allowed. Nothing was connected: begin anew here.',
    },
    'other-marketplace': {
      title: 'This is another marketplace’s consent',
      paragraph:
        'The consent was begun for one marketplace and came back from another. Nothing was connected: begin anew.',
    },
  }[refused];
  return {
    status: 400,
    title: text.title,
    paragraphs: [text.paragraph],
    links: known === undefined ? [] : again(known),
  };
}

/** codes of failures that mean that the seller said no */
const DENIED = ['consent-denied', 'consent-declined', 'access_denied'];

/** Why a consent came to nothing. */
export function sayFailed(marketplace: string, reason: string): Page {
  const name = nameOf(marketplace);
  const links = again(marketplace);
  const failed = (status: number, title: string, paragraph: string): Page => ({
    status,
    title,
    paragraphs: [paragraph],
    links,
  });
  if (DENIED.includes(reason)) {
    return failed(400, 'You did not consent', `Nothing was connected, and nothing at ${name} has changed.`);
  }
  switch (reason) {
    case 'callback-incomplete':
    case 'callback-forged':
      return failed(
        400,
        `${name} sent no consent`,
        'Nothing was connected. Perhaps you did not consent; if you did, begin anew.',
      );
    case 'grant-dead':
      return failed(
        502,
        `${name} refused the code`,
        'The code from the consent page is too old, or was used before. Begin anew.',
      );
    case 'app-credentials-refused':
    case 'signature-refused':
      return failed(
        502,
        `${name} does not take our credentials`,
        'This can only be mended by whoever runs this server: tell them, and begin anew after that.',
      );
    case 'no-shop':
    case 'not-a-seller':
      return failed(
        400,
        'There is no shop to connect',
        `The account that consented at ${name} has no shop that can be connected. Log in there as a seller, and begin anew.`,
      );
    case 'exchange-uncertain':
      return failed(
        502,
        `${name} did not answer`,
        'We do not know whether your consent arrived. Begin anew: that does no harm.',
      );
    default:
      return failed(502, 'This did not work', `${name} did not tell us whose consent it was (${reason}). Begin anew.`);
  }
}
