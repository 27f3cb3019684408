import { ConfigError } from './errors.js';

/** @throws ConfigError, naming the field and what it must be, unless `ok` */
export function must(ok: boolean, field: string, be: string): void {
  if (!ok) throw new ConfigError(field, `must be ${be}`);
}
