import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { OnInvalid } from '../codec/decoder.js';
import { schemaPart } from '../codec/schema.js';
import { type Clock, systemClock } from '../core/clock.js';
import { must } from '../core/must.js';
import { atLeast, positiveWhole } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import { checkedRoom, type Room } from '../core/overflow.js';
import { type Random, systemRandom } from '../core/random.js';
import { CLIENT } from '../http/api.js';
import type { Client } from '../http/client.js';
import { TOKEN } from '../http/headers.js';
import { does } from '../http/settings.js';
import type { CloseMeaning } from './close-error.js';
import { type ReconnectSettings, readReconnect } from './reconnect-options.js';
import { type AnyCodec, readCodec } from './socket-codec.js';
import type { HeartbeatOptions, WebSocketOptions } from './socket-types.js';

type Any = WebSocketOptions<unknown, unknown>;

/** {@link WebSocketOptions}, read and checked. */
export interface SocketSettings {
  readonly protocols: readonly string[];
  readonly headers: Any['headers'];
  readonly codec: AnyCodec;
  readonly schema: StandardSchemaV1 | undefined;
  readonly onInvalid: OnInvalid;
  readonly handshake: Any['handshake'];
  readonly topicOf: Any['topicOf'];
  readonly replyTo: Any['replyTo'];
  readonly terminator: ((message: unknown) => boolean) | undefined;
  readonly closeCodes: Readonly<Record<number, CloseMeaning>>;
  readonly reconnect: ReconnectSettings;
  readonly heartbeat: HeartbeatOptions<unknown, unknown> & { readonly everyMs: number; readonly pongMs: number };
  readonly connectMs: number;
  readonly idleMs: number;
  readonly lingerMs: number;
  readonly room: Room;
  readonly outbound: Room;
  readonly highWaterBytes: number;
  readonly messageBytes: number;
  readonly client: Client | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const WHERE = 'webSocket';
const KEYS =
  'protocols headers codec schema onInvalid handshake topicOf replyTo end closeCodes reconnect heartbeat connectMs idleMs lingerMs capacity overflow outbound messageBytes api clock random'.split(
    ' ',
  );
const MEANINGS: readonly unknown[] = ['retry', 'renew', 'fail', 'complete'];
const MIB = 1_048_576;

/** @throws ConfigError when an option is unknown or wrong */
export function readSocketOptions(input: unknown): SocketSettings {
  const given: Any = readOptions(input, KEYS, WHERE);
  for (const name of ['handshake', 'topicOf', 'replyTo'] as const) mayBe('function', given[name], name);
  const { onInvalid = 'collect', end = 'reconnect', api } = given;
  must(['fail', 'skip', 'collect'].includes(onInvalid), `${WHERE}.onInvalid`, "one of 'fail', 'skip', 'collect'");
  must(api === undefined || CLIENT in Object(api), `${WHERE}.api`, 'a client that createApi made');
  const client = api?.[CLIENT];
  return {
    protocols: readProtocols(given.protocols),
    headers: given.headers,
    codec: readCodec(given.codec, `${WHERE}.codec`),
    schema: schemaPart(given.schema, `${WHERE}.schema`).schema,
    onInvalid,
    handshake: given.handshake,
    topicOf: given.topicOf,
    replyTo: given.replyTo,
    ...readEnd(end, given.closeCodes),
    reconnect: readReconnect(given.reconnect, `${WHERE}.reconnect`),
    heartbeat: readHeartbeat(given.heartbeat),
    ...readTimes(given),
    room: checkedRoom(given.capacity ?? 1024, given.overflow ?? 'error', WHERE),
    ...readOutbound(given.outbound),
    messageBytes: positiveWhole(given.messageBytes ?? MIB, `${WHERE}.messageBytes`),
    client,
    clock: given.clock ?? client?.clock ?? systemClock,
    random: given.random ?? client?.random ?? systemRandom,
  };
}

function mayBe(type: string, value: unknown, name: string): void {
  must(value === undefined || typeof value === type, `${WHERE}.${name}`, `a ${type}`);
}

function readTimes(given: Any): Pick<SocketSettings, 'connectMs' | 'idleMs' | 'lingerMs'> {
  return {
    connectMs: atLeast(0, given.connectMs ?? 10_000, `${WHERE}.connectMs`),
    idleMs: atLeast(0, given.idleMs ?? Infinity, `${WHERE}.idleMs`),
    lingerMs: atLeast(0, given.lingerMs ?? 0, `${WHERE}.lingerMs`),
  };
}

function readProtocols(input: unknown): readonly string[] {
  const field = `${WHERE}.protocols`;
  must(input === undefined || Array.isArray(input), field, 'an array of names');
  const names = [...((input as string[] | undefined) ?? [])];
  for (const [i, name] of names.entries()) {
    must(typeof name === 'string' && TOKEN.test(name), `${field}[${i}]`, 'a name without spaces and separators');
    must(names.indexOf(name) === i, `${field}[${i}]`, 'another name than those before it');
  }
  return names;
}

function readEnd(end: unknown, codes: unknown): Pick<SocketSettings, 'terminator' | 'closeCodes'> {
  const closeCodes = { ...(end === 'complete' ? { 1000: 'complete' } : {}), ...(codes as object | undefined) };
  for (const [code, meaning] of Object.entries(closeCodes)) {
    const isCode = /^[1-4]\d{3}$/.test(code);
    must(isCode, `${WHERE}.closeCodes.${code}`, 'a close code, from 1000 to 4999');
    must(MEANINGS.includes(meaning), `${WHERE}.closeCodes.${code}`, `one of '${MEANINGS.join("', '")}'`);
  }
  const isWord = end === 'reconnect' || end === 'complete';
  must(isWord || does(end, 'terminator'), `${WHERE}.end`, "'reconnect', 'complete' or { terminator: (message) => … }");
  const terminator = isWord ? undefined : (end as { terminator(message: unknown): boolean }).terminator;
  return { terminator, closeCodes: closeCodes as Record<number, CloseMeaning> };
}

function readHeartbeat(input: Any['heartbeat']): SocketSettings['heartbeat'] {
  const where = `${WHERE}.heartbeat`;
  const keys = ['everyMs', 'pongMs', 'ping', 'isPong'];
  const given =
    input === false ? { everyMs: Infinity } : (readOptions(input, keys, where) as HeartbeatOptions<unknown, unknown>);
  must(
    given.isPong === undefined || typeof given.isPong === 'function',
    `${where}.isPong`,
    'a function of the message',
  );
  return {
    ...given,
    everyMs: atLeast(1, given.everyMs ?? 30_000, `${where}.everyMs`),
    pongMs: atLeast(1, given.pongMs ?? 10_000, `${where}.pongMs`),
  };
}

function readOutbound(input: unknown): Pick<SocketSettings, 'outbound' | 'highWaterBytes'> {
  const where = `${WHERE}.outbound`;
  const given: NonNullable<Any['outbound']> = readOptions(input, ['capacity', 'overflow', 'highWaterBytes'], where);
  return {
    outbound: checkedRoom(given.capacity ?? 1024, given.overflow ?? 'error', where),
    highWaterBytes: positiveWhole(given.highWaterBytes ?? MIB, `${where}.highWaterBytes`),
  };
}
