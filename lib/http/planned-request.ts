import { ConfigError } from '../core/errors.js';
import { readHeaders } from './headers.js';
import { type Plan, readPayload, requestOf } from './plan.js';
import type { ApiRequest } from './types.js';
import { parseTarget } from './url.js';

/** Ties a request to its plan through layers; a copy made by spreading keeps it. */
const PLAN = Symbol('plan');

interface PlannedRequest extends ApiRequest {
  readonly [PLAN]?: { readonly plan: Plan; readonly request: ApiRequest };
}

/** The request that layers get. */
export function planned(plan: Plan, attempt: number): ApiRequest {
  const request = requestOf(plan, attempt);
  return { ...request, [PLAN]: { plan, request } } as PlannedRequest;
}

/** The plan of a request that came through layers: what they changed is checked again, as a caller's input is. */
export function replan(request: ApiRequest): Plan {
  const tie = (request as PlannedRequest)[PLAN];
  if (!tie) throw new ConfigError('layer', 'pass on the request it was given, or a copy of it: { ...request, headers }');
  const { plan, request: before } = tie;
  const { method, url, headers, body, context } = request;
  const same = method === before.method && url === before.url && headers === before.headers && body === before.body;
  if (same && context === before.context) return plan;
  return {
    ...plan,
    method,
    target: url === before.url ? plan.target : parseTarget(url, 'layer.url'),
    headers: headers === before.headers ? plan.headers : readHeaders(headers, 'layer.headers'),
    body,
    payload: body === before.body ? plan.payload : readPayload(body),
    context,
  };
}
