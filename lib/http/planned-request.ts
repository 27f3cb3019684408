import { ConfigError } from '../core/errors.js';
import { readHeaders, withoutHeaders } from './headers.js';
import { checkBody, type Plan, readMethod, readPayload } from './plan.js';
import { requestOf } from './plan-facts.js';
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
  if (!tie)
    throw new ConfigError('layer', 'pass on the request it was given, or a copy of it: { ...request, headers }');
  const { plan, request: before } = tie;
  const { url, headers, body, context } = request;
  const method = readMethod(request.method);
  const same = method === before.method && url === before.url && headers === before.headers && body === before.body;
  if (same && context === before.context) return plan;
  checkBody(method, body);
  const target = url === before.url ? plan.target : parseTarget(url, 'layer.url');
  const fields = headers === before.headers ? plan.headers : readHeaders(headers, 'layer.headers');
  return {
    ...plan,
    method,
    target,
    headers: target.origin === plan.target.origin ? fields : withoutHeaders(fields, plan.client.headers),
    body,
    payload: body === before.body ? plan.payload : readPayload(body),
    context,
  };
}
