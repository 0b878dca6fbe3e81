import { hash } from 'node:crypto';

/** names as people know them, where they are not just the folder's name with a capital */
const NAMES: Record<string, string> = {
  ebay: 'eBay',
  'tiktok-shop': 'TikTok Shop',
  mercadolibre: 'Mercado Libre',
};

export const nameOf = (marketplace: string): string =>
  NAMES[marketplace] ?? marketplace.charAt(0).toUpperCase() + marketplace.slice(1);

export type Page = {
  status: number;
  title: string;
  paragraphs: readonly string[];
  /** where to go from here */
  links?: readonly { href: string; text: string }[];
  /** asks for the name of a shop */
  shopOf?: string;
  retryAfterSeconds?: number;
};

const STYLE =
  'body{font:1.125rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}input,button{font:inherit;padding:.25rem .5rem}';

const STYLE_SOURCE = `'sha256-${hash('sha256', STYLE, 'base64')}'`;

/**
 * A page for the seller: plain HTML that every browser and screen reader can read, without a script. Its address holds a
 * code, so it is not stored, and not told to any other site.
 */
export function render(page: Page): Response {
  const { status, title, paragraphs, links = [], shopOf, retryAfterSeconds } = page;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}
${shopOf === undefined ? '' : shopForm(shopOf)}
${links.length === 0 ? '' : `<ul>\n${links.map(({ href, text }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></li>`).join('\n')}\n</ul>`}
</main>
</body>
</html>
`;
  // A form leads, by way of a redirect, to the marketplace: browsers hold every step to `form-action`.
  const formAction = shopOf === undefined ? `'none'` : `'self' https: http:`;
  return new Response(body, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src ${STYLE_SOURCE}; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
  });
}

const shopForm = (marketplace: string): string => `<form action="/connections/new" method="get">
<input type="hidden" name="marketplace" value="${escapeHtml(marketplace)}">
<p><label for="shop">The shop's domain, such as example.myshopify.com</label></p>
<p><input id="shop" name="shop" required autocomplete="off" autocapitalize="none" spellcheck="false">
<button type="submit">Go on</button></p>
</form>`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char]!);
