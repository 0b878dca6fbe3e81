/** An element of an XML document: either text or elements inside it; the other is empty. */
export type Element = { name: string; text: string; children: Element[] };

const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w:.-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The root element of a document; undefined: it is not well formed. Attributes and processing instructions are passed over. */
export function parseXml(document: string): Element | undefined {
  const root: Element = { name: '', text: '', children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < document.length) {
    const match = TOKEN.exec(document);
    if (!match) return undefined;
    const [, cdata, slash, name, selfClosing, text] = match;
    const current = open.at(-1)!;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += decode(text);
    else if (name === undefined) continue;
    else if (slash) {
      if (open.length === 1 || current.name !== name) return undefined;
      open.pop();
    } else {
      const element: Element = { name, text: '', children: [] };
      current.children.push(element);
      if (!selfClosing) open.push(element);
    }
  }
  const isOneDocument = open.length === 1 && root.children.length === 1 && root.text.trim() === '';
  return isOneDocument ? root.children[0] : undefined;
}

/** The elements of a name inside another. */
export function childrenOf(element: Element | undefined, name: string): Element[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of the first element of a name inside another, without space round it; undefined: there is none. */
export function textOf(element: Element, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text.trim() || undefined;
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|(\w+));/g, (whole, code: string | undefined, name: string | undefined) =>
    code === undefined ? (ENTITIES[name!] ?? whole) : String.fromCodePoint(Math.min(Number(code), 0x10ffff)),
  );
}
