/** Text that is HTML already; all other text is escaped where it is put in. */
export type Html = { html: string };

type Part = Html | string | number | null | readonly Html[];

/** A template whose parts are escaped, unless they were made by this same function. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: literals.map((literal, i) => literal + (i < parts.length ? render(parts[i]!) : '')).join('') };
}

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char]!);
