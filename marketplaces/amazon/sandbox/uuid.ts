/** 16 random bytes in lower-case hex, written as Amazon writes its ids: 8-4-4-4-12. */
export function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
