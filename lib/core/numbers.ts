import { must } from './must.js';

/** @throws ConfigError, naming the field, unless the value is a whole number from 1 or `Infinity` */
export function positiveWhole(value: unknown, field: string): number {
  const ok = value === Infinity || (Number.isInteger(value) && (value as number) > 0);
  if (!ok) must(ok, field, `a positive whole number or Infinity, not ${String(value)}`);
  return value as number;
}

/** @throws ConfigError, naming the field, unless the value is a number of at least `least`; `Infinity` is one */
export function atLeast(least: number, value: unknown, field: string): number {
  const ok = typeof value === 'number' && value >= least;
  if (!ok) must(ok, field, `a number, ${least} or more, not ${String(value)}`);
  return value as number;
}

/** @throws ConfigError, naming the field, unless the value is a number from `least` to `most` */
export function between(least: number, most: number, value: unknown, field: string): number {
  const ok = typeof value === 'number' && value >= least && value <= most;
  if (!ok) must(ok, field, `a number from ${least} to ${most}, not ${String(value)}`);
  return value as number;
}

/** @throws ConfigError, naming the field, unless the value is a whole number of at least `least`, or `Infinity` */
export function wholeFrom(least: number, value: unknown, field: string): number {
  const ok = value === Infinity || (Number.isInteger(value) && (value as number) >= least);
  if (!ok) must(ok, field, `a whole number from ${least}, or Infinity, not ${String(value)}`);
  return value as number;
}

/** @throws ConfigError, naming the field, unless the value is a number from `least` and not `Infinity` */
export function finiteFrom(least: number, value: unknown, field: string): number {
  const ok = Number.isFinite(value) && (value as number) >= least;
  if (!ok) must(ok, field, `a finite number, ${least} or more, not ${String(value)}`);
  return value as number;
}
