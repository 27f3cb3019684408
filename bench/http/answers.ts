interface Person {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly city: string;
  readonly tags: readonly string[];
  readonly active: boolean;
  readonly score: number;
}

const person = (id: number): Person => ({
  id,
  name: 'Grace Hopper',
  email: `grace.${id}@example.com`,
  city: 'New York, USA',
  tags: ['navy', 'compiler', 'cobol'],
  active: id % 2 === 1,
  score: id * 1.5,
});

/** About 200 bytes. */
export const small = { ...person(4711), note: 'The first actual case of bug' };
/** About 20 kB. */
export const large = { id: 4711, people: Array.from({ length: 142 }, (_, id) => person(id)) };

/** Every answer has this in it. */
export function check(value: unknown): void {
  if ((value as { id?: unknown } | undefined)?.id !== 4711) throw new Error(`a wrong answer: ${JSON.stringify(value)}`);
}

/** A whole answer with the fields that node's own server would send, and one of an API. */
export function fields(type: string, body: Uint8Array, more = ''): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${more}`;
  return Buffer.concat([Buffer.from(`${head}${kept}\r\n`), body]);
}

const kept =
  'X-Request-Id: 0b7a2a1e-9c1d-4b6e-8f0e-3d2c1b0a9f8e\r\nDate: Mon, 05 Jan 2026 10:00:00 GMT\r\n' +
  'Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n';

export const json = (value: unknown): Buffer =>
  fields('application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));

/** The head of an answer of known length that is sent piece by piece. */
export const headOf = (type: string, bytes: number): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n${kept}\r\n`;
