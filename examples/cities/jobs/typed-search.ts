import { debounceMap } from 'millrace/operators';
import { concatMap, delay, from, fromEvent, lastValueFrom, map, of, takeUntil, tap, toArray } from 'rxjs';

import type { City } from '../city.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

const LETTER_MS = 45;
/** Long enough for a call to leave, too short for its answer: the next letter overtakes it. */
const HESITATION_MS = 200;
/** Long enough to read the answer. */
const LOOK_MS = 900;

/** What a visitor types: `-` hesitates, `.` looks at the answer, `<` takes a letter back, `/` clears the field. */
const TYPED = 'lis-bon./par-i-s.x<./new- yor-<rk./kyotp<o';

/** The field's text after each key, and how long the visitor waited before pressing it. */
function* keystrokes(): Generator<{ text: string; afterMs: number }> {
  let text = '';
  let afterMs = LETTER_MS;
  for (const key of TYPED) {
    if (key === '-') afterMs = HESITATION_MS;
    else if (key === '.') afterMs = LOOK_MS;
    else {
      text = key === '<' ? text.slice(0, -1) : key === '/' ? '' : text + key;
      yield { text, afterMs };
      afterMs = LETTER_MS;
    }
  }
}

/** All that is ever in the field. */
export const prefixes = [...new Set([...keystrokes()].map(({ text }) => text).filter(Boolean))];

/** Search as you type: one call when the visitor stops, and the call of an older text is cancelled on the wire. */
export async function typedSearch(context: Context): Promise<Outcome> {
  const run = await beginRun(context, {});
  const keys = [...keystrokes()];
  const bar = progressBar(context.screen, `search: ${keys.length} keys typed`, keys.length);
  let typed = 0;

  const answers$ = from(keys).pipe(
    concatMap(({ text, afterMs }) => of(text).pipe(delay(afterMs))),
    tap((text) => bar.to(++typed, text)),
    debounceMap(
      (text) =>
        text
          ? run.api.get<City[]>('cities', { query: { prefix: text } }).pipe(map((cities) => ({ text, cities })))
          : of({ text, cities: [] }),
      { waitMs: 80 },
    ),
    takeUntil(fromEvent(context.signal, 'abort')),
  );
  const shown = await lastValueFrom(answers$.pipe(toArray()));

  const journal = await run.journal();
  const { counts } = run;
  const right = shown.filter(({ text, cities }) => isRight(cities, context.truth.hits[text] ?? []));
  const repeats = journal.searches.filter((text, index, all) => text === all[index - 1]);
  return {
    counts,
    saved: `${keys.length - counts.asked} calls not made`,
    checks: [
      [right.length === shown.length, `${right.length} of ${shown.length} answers name the right cities`],
      [shown.at(-1)?.text === keys.at(-1)?.text, `the last answer is for "${shown.at(-1)?.text}"`],
      [counts.cancelled > 0, `${counts.cancelled} calls were overtaken by the next letter`],
      [journal.aborted === counts.cancelled, `the server saw ${journal.aborted} calls aborted`],
      [repeats.length === 0, `the server was never asked the same twice in a row`],
    ],
  };
}

const isRight = (cities: readonly City[], ids: readonly number[]): boolean =>
  cities.length === ids.length && cities.every(({ cityId }, index) => cityId === ids[index]);
