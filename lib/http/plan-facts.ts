import type { RequestSummary } from '../core/errors.js';
import { uuid } from '../core/random.js';
import { findHeader } from './headers.js';
import type { Plan } from './plan.js';
import { redactUrl } from './summary.js';

/** The plan of one subscription: mints the idempotency key that its attempts share. */
export function subscriptionPlan(plan: Plan): Plan {
  if (plan.idempotencyKey === undefined || isKeyed(plan)) return plan;
  const key = plan.idempotencyKey === true ? uuid() : plan.idempotencyKey;
  return { ...plan, headers: [...plan.headers, 'idempotency-key', key] };
}

/** What may be sent more than once without harm. */
const SAFE_TO_REPEAT = new Set('GET HEAD PUT DELETE OPTIONS QUERY'.split(' '));

/** Whether a method says by itself that a request may be sent more than once. */
export function isSafeToRepeat(method: string): boolean {
  return SAFE_TO_REPEAT.has(method.toUpperCase());
}

/** Whether the server can tell a repeated request from another one. */
export const isKeyed = ({ headers }: Plan): boolean => findHeader(headers, 'idempotency-key') !== undefined;

/** Whether an attempt of this call may be repeated. */
export function isRepeatable(plan: Plan): boolean {
  return !plan.once && (SAFE_TO_REPEAT.has(plan.method) || isKeyed(plan));
}

/** What errors say of the call. */
export function summarise(plan: Plan): RequestSummary {
  const secrets = plan.client.auth.filter((auth) => auth.in === 'query').map((auth) => encodeURIComponent(auth.name));
  return { method: plan.method, url: redactUrl(plan.target.origin + plan.target.path, secrets) };
}
