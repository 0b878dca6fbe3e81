import { createHash } from 'node:crypto';

/** The one delivery option of every order here, whose type is SEND_BY_SELLER. */
export const DELIVERY_OPTION = { id: '7091146663229654785', name: 'Standard Shipping' };

const FIRST_ID = 7_117_858_858_072_010_001n;
const NAMES = ['Royal Mail', 'DPD', 'Evri', 'DHL', 'FedEx', 'UPS', 'USPS', 'J&T Express', 'Ninja Van', 'SingPost'];

export type Provider = { id: string; name: string };

/** Who may carry what a seller ships. */
export const PROVIDERS: readonly Provider[] = NAMES.map((name, index) => ({
  id: String(FIRST_ID + BigInt(index)),
  name,
}));

/** The provider of a name in the books; one that TikTok Shop does not list has a made-up id. */
export function providerNamed(name: string): Provider {
  const known = PROVIDERS.find((provider) => provider.name === name);
  if (known) return known;
  const number = createHash('sha256').update(name).digest().readUInt32BE();
  return { id: `661767502${String(number).padStart(10, '0')}`, name };
}
