import { cities } from './data.ts';
import { answer, type Exchange, refuse, reset } from './exchange.ts';
import { faultOf } from './faults.ts';

const PAGE = 2500;

/** A page of cities, and in `Link` where the next one lies; some attempts fail as the plan says. */
export async function pageOfCities(exchange: Exchange): Promise<void> {
  const { journal, query, response } = exchange;
  const from = Number(query.get('from') ?? 0);
  const { pages, plan, faults } = journal;
  const seen = (pages[from] ??= { attempts: 0, faults: 0 });
  const fault = faultOf(plan, `page ${from}`, ++seen.attempts, seen.faults);
  if (fault) {
    seen.faults++;
    faults[fault]++;
    return fault === 'reset' ? reset(exchange) : refuse(response, 503, 'Out of order');
  }
  const next = from + PAGE;
  const link = next < cities.length ? { link: `<pages?from=${next}>; rel="next"` } : {};
  answer(response, 200, cities.slice(from, next), link);
}
