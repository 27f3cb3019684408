import { ConfigError } from '../core/errors.js';
import { type FlatHeaders, headersRecord, readHeaders, withoutHeaders } from './headers.js';
import { checkBody, type Plan, readMethod, readPayload } from './plan.js';
import type { ApiRequest } from './types.js';
import { parseTarget } from './url.js';

/** Ties a request to its plan through layers; a copy made by spreading keeps it. */
const PLAN = Symbol('plan');

interface PlannedRequest extends ApiRequest {
  readonly [PLAN]?: Tie;
}

/** A plan, and what was made of it for the layers to see: what is still the same, they did not change. */
interface Tie extends Pick<ApiRequest, 'url' | 'headers'> {
  readonly plan: Plan;
}

const records = new WeakMap<FlatHeaders, ApiRequest['headers']>();

/** Fields as layers see them: made once, since calls without fields of their own share them, and it takes 0.5 us. */
function recordOf(flat: FlatHeaders): ApiRequest['headers'] {
  let record = records.get(flat);
  if (!record) records.set(flat, (record = Object.freeze(headersRecord(flat))));
  return record;
}

/** The request that layers get. */
export function planned(plan: Plan, attempt: number): ApiRequest {
  const { method, target, route, body, context } = plan;
  const url = target.origin + target.path;
  const headers = recordOf(plan.headers);
  const tie: Tie = { plan, url, headers };
  const request: PlannedRequest = {
    method,
    url,
    route,
    headers,
    body: body as ApiRequest['body'],
    context,
    attempt,
    [PLAN]: tie,
  };
  return request;
}

/** The plan of a request that came through layers: what they changed is checked again, as a caller's input is. */
export function replan(request: ApiRequest): Plan {
  const tie = (request as PlannedRequest)[PLAN];
  if (!tie) throw new ConfigError('layer', 'pass on its request, or a copy of it: { ...request, headers }');
  const { plan } = tie;
  const { url, headers, body, context } = request;
  const method = readMethod(request.method);
  const same = method === plan.method && url === tie.url && headers === tie.headers && body === plan.body;
  if (same && context === plan.context) return plan;
  checkBody(method, body);
  const target = url === tie.url ? plan.target : parseTarget(url, 'layer.url');
  const fields = headers === tie.headers ? plan.headers : readHeaders(headers, 'layer.headers');
  return {
    ...plan,
    method,
    target,
    headers: target.origin === plan.target.origin ? fields : withoutHeaders(fields, plan.client.headers),
    body,
    payload: body === plan.body ? plan.payload : readPayload(body),
    context,
  };
}
