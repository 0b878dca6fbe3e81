/** 16 random bytes in lower-case hex, written as a UUID: 8-4-4-4-12. */
export function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
