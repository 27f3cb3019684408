import { cities } from './data.ts';
import { answer, type Exchange, refuse } from './exchange.ts';

/** What the report says of the data set. */
export interface Report {
  readonly countries: number;
  readonly population: number;
}

/** How long a client must not ask, as it is told to. */
const RETRY_AFTER_S = 1;
const LOOKS = 3;

/** Takes the work on and does it later: 202, where to ask, and how long not to. */
export async function orderReport(exchange: Exchange): Promise<void> {
  const { report } = exchange.journal;
  const path = `reports/${++report.orders}`;
  running(exchange, 202, { 'operation-location': `${path}/status`, location: path });
}

/** How the work is going: the first look fails, the second one is told to wait, and at the third it is done. */
export async function reportStatus(exchange: Exchange): Promise<void> {
  const { journal, response } = exchange;
  const { report } = journal;
  if (performance.now() < report.notBeforeMs) report.early++;
  report.looks++;
  if (report.looks === 1) return refuse(response, 503, 'Out of order');
  if (report.looks < LOOKS) return running(exchange, 200);
  answer(response, 200, { status: 'Succeeded', percent: 100 });
}

/** The result, which is not there before the work is done. */
export async function reportResult({ journal, response }: Exchange): Promise<void> {
  if (journal.report.looks < LOOKS) return refuse(response, 404, 'Not there yet');
  const population = cities.reduce((sum, city) => sum + city.population, 0);
  const report: Report = { countries: new Set(cities.map(({ country }) => country)).size, population };
  answer(response, 200, report);
}

function running({ journal, response }: Exchange, status: number, headers = {}): void {
  const { report } = journal;
  report.notBeforeMs = performance.now() + RETRY_AFTER_S * 1000;
  const percent = Math.floor((report.looks / LOOKS) * 100);
  answer(response, status, { status: 'Running', percent }, { 'retry-after': RETRY_AFTER_S, ...headers });
}
