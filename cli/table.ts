export type Cell = string | number | null | undefined;

const GAP = '  ';
const NONE = '-';

/** A plain table: numbers to the right, all else to the left, nothing at a line's end. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const texts = [headings, ...rows.map((row) => row.map((cell) => String(cell ?? NONE)))];
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => widthOf(row[column] ?? ''))));
  const isNumeric = headings.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  return texts.map((row) =>
    row
      .map((text, column) => {
        const space = ' '.repeat(widths[column]! - widthOf(text));
        return isNumeric[column] ? space + text : text + space;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** One thing, a line for each of its fields. */
export function fields(pairs: readonly (readonly [name: string, value: Cell])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}${GAP}${String(value ?? NONE)}`);
}

/** Text as one line that can't steer a terminal: what others wrote may hold escape sequences. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`);

const widthOf = (text: string): number => [...text].length;

/** Epoch ms as an instant. */
export const instantOf = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();
