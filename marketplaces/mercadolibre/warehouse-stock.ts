import { z } from 'zod';
import type { Call, CallContext, LineOutcome, Step, StockLine } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { numericId, readAnswer, unreadable } from './answer.ts';
import type { MercadolibreApp } from './app.ts';
import { refusalAs, refusalOf } from './failure.ts';
import { setItemStock } from './item-stock.ts';
import { apiCall } from './request.ts';

type Context = CallContext<MercadolibreApp>;

/** how often stock that changes meanwhile is read again, ours */
const MAX_ROUNDS = 3;
/** the version of a user product's stock; a write that names another is refused with 409 */
const VERSION_HEADER = 'x-version';
const VERSION_MISMATCH = 409;

const WAREHOUSE = 'seller_warehouse';
/** a warehouse of Mercado Libre's (Full), which it counts itself */
const FACILITY = 'meli_facility';

const stock = z.object({
  locations: z.array(
    z.object({
      type: z.string(),
      quantity: z.int().min(0),
      store_id: numericId.or(z.string()).nullish(),
      network_node_id: z.string().nullish(),
    }),
  ),
});

type Location = z.infer<typeof stock>['locations'][number];

/**
 * Sets the stock of a user product in the seller's warehouses, all of them at once, as of the version that was read.
 * Where it has none, the seller's stock stands at the item.
 */
export function setWarehouseStock(
  context: Context,
  lines: readonly StockLine[],
  answers: readonly HttpResponse[],
): Step<LineOutcome[]> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [read, updated] = answers.slice(2 * round);
    if (!read) return { call: readCall(context, lines[0]!) };
    const refused = refusalOf(read);
    if (refused !== undefined) return { done: lines.map(() => failed(refusalAs(refused, 'the quantity'))) };
    const { locations } = readAnswer(read, stock);
    const warehouses = locations.filter(({ type }) => type === WAREHOUSE);
    if (warehouses.length === 0) {
      if (locations.length > 0 && locations.every(({ type }) => type === FACILITY))
        return { done: lines.map(() => FULL) };
      return setItemStock(context, lines, answers.slice(2 * round + 1));
    }
    const places = lines.map((line) => placeOf(line, warehouses));
    if (places.every((place) => place === undefined)) return { done: lines.map(() => NO_SUCH_STORE) };
    if (!updated) return { call: updateCall(context, lines, { read, warehouses, places }) };
    if (updated.status === VERSION_MISMATCH) continue;
    const word = refusalOf(updated);
    const outcome: LineOutcome = word === undefined ? { outcome: 'applied' } : failed(refusalAs(word, 'the quantity'));
    return { done: places.map((place) => (place === undefined ? NO_SUCH_STORE : outcome)) };
  }
  throw new Failure('retryable', "the stock's version changed before each write", { code: 'stock-version-changed' });
}

/** The warehouse that a line means: the only one, unless it says which. */
function placeOf({ reference: { storeId } }: StockLine, warehouses: readonly Location[]): Location | undefined {
  if (storeId) return warehouses.find(({ store_id }) => store_id === storeId);
  return warehouses.length === 1 ? warehouses[0] : undefined;
}

function readCall(context: Context, line: StockLine): Call {
  return apiCall(context, 'getUserProductStock', { method: 'GET', path: stockPath(line) });
}

function updateCall(
  context: Context,
  lines: readonly StockLine[],
  stand: { read: HttpResponse; warehouses: readonly Location[]; places: readonly (Location | undefined)[] },
): Call {
  const version = stand.read.headers[VERSION_HEADER];
  if (!version) throw unreadable(stand.read, `without ${VERSION_HEADER}`);
  const wanted = new Map(stand.places.map((place, index) => [place, lines[index]!.quantity]));
  return apiCall(context, 'updateUserProductStock', {
    method: 'PUT',
    path: `${stockPath(lines[0]!)}/type/${WAREHOUSE}`,
    headers: { [VERSION_HEADER]: version },
    body: {
      locations: stand.warehouses.map((place) => ({
        store_id: place.store_id ?? undefined,
        network_node_id: place.network_node_id ?? undefined,
        quantity: wanted.get(place) ?? place.quantity,
      })),
    },
  });
}

const stockPath = ({ reference }: StockLine): string =>
  `/user-products/${encodeURIComponent(reference.userProductId ?? '')}/stock`;

const failed = (refusal: { code: string; message: string }): LineOutcome => ({ outcome: 'failed', ...refusal });

const FULL = failed({ code: 'fulfilled-by-mercado-libre', message: 'the stock is in a warehouse of Mercado Libre' });
const NO_SUCH_STORE = failed({
  code: 'store-unknown',
  message: 'the stock is in several warehouses, and the reference names none of them by its storeId',
});
