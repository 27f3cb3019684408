import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { SseEvent } from './sse-types.js';

type Event = SseEvent<unknown>;

/** A schema for events, made of schemas for their data: a complaint names the path below `data`. */
export function eventSchema(
  schemaOf: (type: string) => StandardSchemaV1 | undefined,
): StandardSchemaV1<unknown, Event> {
  const validate = (value: unknown): StandardSchemaV1.Result<Event> | Promise<StandardSchemaV1.Result<Event>> => {
    const event = value as Event;
    const schema = schemaOf(event.type);
    if (!schema) return { value: event };
    const result = schema['~standard'].validate(event.data);
    return 'then' in result ? result.then((settled) => resultOf(event, settled)) : resultOf(event, result);
  };
  return { '~standard': { version: 1, vendor: 'millrace', validate } };
}

function resultOf(
  { type, lastEventId }: Event,
  result: StandardSchemaV1.Result<unknown>,
): StandardSchemaV1.Result<Event> {
  if (!result.issues) return { value: { type, data: result.value, lastEventId } };
  return { issues: result.issues.map((issue) => ({ ...issue, path: ['data', ...(issue.path ?? [])] })) };
}
