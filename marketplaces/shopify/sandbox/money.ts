/** An amount as Shopify's GraphQL writes it: without zeros at its end but for one decimal. */
export function decimal(amount: string): string {
  const [whole, fraction = ''] = amount.split('.');
  return `${whole}.${fraction.replace(/0+$/, '') || '0'}`;
}

export function money(amount: string, currencyCode: string) {
  return { amount: decimal(amount), currencyCode };
}

/** The same amount in the shop's and the buyer's currency, which are one here. */
export function moneyBag(amount: string, currencyCode: string) {
  return { shopMoney: money(amount, currencyCode), presentmentMoney: money(amount, currencyCode) };
}
