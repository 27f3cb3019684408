import { ConfigError } from '../errors.js';
import { atLeast, between, positiveWhole } from '../numbers.js';
import { readOptions } from '../options.js';
import { BREAKER_FIELDS } from './breaker-counts.js';
import type { BreakerOptions, BreakerSettings, BreakerSnapshot } from './breaker-types.js';
import { readWindowCounts } from './rolling-window.js';
import { readSnapshot } from './snapshots.js';

const DEFAULTS: Required<BreakerSettings> = {
  windowMs: 10_000,
  minCalls: 20,
  failureRate: 0.5,
  slowMs: Infinity,
  slowRate: 0.5,
  openMs: 5_000,
  maxOpenMs: 60_000,
  probes: 3,
  successes: 2,
  probeMs: 10_000,
};

const DAY_MS = 86_400_000;
const LEAST_RATE = 0.001;

type Settings = Required<BreakerSettings>;

/** @throws ConfigError */
export function readBreakerOptions(input: unknown): Settings & Omit<BreakerOptions, keyof BreakerSettings> {
  return checked(DEFAULTS, readOptions(input, [...Object.keys(DEFAULTS), 'name', 'clock', 'random'], 'createBreaker'));
}

/** Reads settings on top of others. @throws ConfigError */
export function readBreakerSettings(input: unknown, before: Settings): Settings {
  return checked(before, readOptions(input, Object.keys(DEFAULTS), 'createBreaker'));
}

function checked(before: Settings, given: BreakerSettings): Settings {
  const all = { ...before, ...given };
  const field = (name: keyof BreakerSettings): string => `createBreaker.${name}`;
  for (const name of ['windowMs', 'probeMs'] as const) between(1, DAY_MS, all[name], field(name));
  for (const name of ['openMs', 'maxOpenMs'] as const) between(0, DAY_MS, all[name], field(name));
  for (const name of ['failureRate', 'slowRate'] as const) between(LEAST_RATE, 1, all[name], field(name));
  for (const name of ['minCalls', 'probes', 'successes'] as const) positiveWhole(all[name], field(name));
  atLeast(0, all.slowMs, field('slowMs'));
  if (all.successes > all.probes) {
    throw new ConfigError(field('successes'), `must be at most probes, ${all.probes}, not ${all.successes}`);
  }
  return all;
}

/** @throws ConfigError, naming the field, when it is no snapshot of a breaker */
export function readBreakerSnapshot(input: unknown): BreakerSnapshot {
  const where = 'createBreaker.restore';
  const read = readSnapshot(input, ['status', 'opens', 'probeAtMs', 'window'], where);
  const status = (['closed', 'open', 'isolated'] as const).find((one) => one === read['status']);
  if (!status) throw new ConfigError(`${where}.status`, 'must be closed, open or isolated');
  const whole = (name: string): number => between(0, Number.MAX_SAFE_INTEGER, read[name], `${where}.${name}`);
  const window = readWindowCounts(read['window'], BREAKER_FIELDS, `${where}.window`);
  return { version: 1, status, opens: whole('opens'), probeAtMs: whole('probeAtMs'), window };
}
