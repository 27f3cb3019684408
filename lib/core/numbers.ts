import { ConfigError } from './errors.js';

/** @throws ConfigError, naming the field, unless the value is a whole number from 1 or `Infinity` */
export function positiveWhole(value: unknown, field: string): number {
  if (value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return value as number;
  throw new ConfigError(field, `must be a positive whole number or Infinity, not ${String(value)}`);
}

/** @throws ConfigError, naming the field, unless the value is a number of at least `least`; `Infinity` is one */
export function atLeast(least: number, value: unknown, field: string): number {
  if (typeof value === 'number' && value >= least) return value;
  throw new ConfigError(field, `must be a number, ${least} or more, not ${String(value)}`);
}

/** @throws ConfigError, naming the field, unless the value is a whole number of at least `least`, or `Infinity` */
export function wholeFrom(least: number, value: unknown, field: string): number {
  if (value === Infinity || (Number.isInteger(value) && (value as number) >= least)) return value as number;
  throw new ConfigError(field, `must be a whole number from ${least}, or Infinity, not ${String(value)}`);
}

/** @throws ConfigError, naming the field, unless the value is a number from `least` and not `Infinity` */
export function finiteFrom(least: number, value: unknown, field: string): number {
  if (Number.isFinite(value) && (value as number) >= least) return value as number;
  throw new ConfigError(field, `must be a finite number, ${least} or more, not ${String(value)}`);
}
